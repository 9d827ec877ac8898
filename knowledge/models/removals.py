"""Files that must go: noted with the deletion of what they belonged to, struck off when the storage has let go of them."""

from django.db import models


class Removal(models.Model):
    """A file of the storage that nothing belongs to any more. The row is what makes its end certain."""

    name = models.CharField(max_length=300)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self):
        return self.name


class Hold(models.Model):
    """Until then no file goes: a backup is copying what the rows of its moment name. One that died holds nothing for long."""

    until = models.DateTimeField()

    def __str__(self):
        return str(self.until)
