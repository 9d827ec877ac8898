"""Models and fields that were given no words of their own are called by their names in the code; those go through gettext
here, so that models need not say everything twice."""

import ast

from django.utils.text import camel_case_to_spaces
from django.utils.translation import gettext_lazy

RELATIONS = ("ForeignKey", "OneToOneField", "ManyToManyField")


def translate(models):
    """Let these models and their fields be called by the words of whoever reads. Migrations see none of it."""
    for model in models:
        meta = model._meta
        singular = camel_case_to_spaces(meta.object_name)
        if "verbose_name" not in meta.original_attrs:
            meta.verbose_name = gettext_lazy(singular)
            if "verbose_name_plural" not in meta.original_attrs:
                meta.verbose_name_plural = gettext_lazy(_plural(singular))
        for field in meta.local_fields + meta.local_many_to_many:
            if field._verbose_name is None:
                field.verbose_name = gettext_lazy(field.name.replace("_", " "))


def _plural(name):
    return name if name.endswith("s") else f"{name}s"


def in_models(source):
    """The names that a module of models leaves to its code, as they would be said."""
    for made in ast.walk(ast.parse(source)):
        if isinstance(made, ast.ClassDef) and any(ast.unparse(base).endswith("models.Model") for base in made.bases):
            yield from _of_class(made)


def _of_class(made):
    said = {target.id for node in ast.walk(made) if isinstance(node, ast.Assign) for target in _names(node)}
    if "verbose_name" not in said:
        yield camel_case_to_spaces(made.name)
        if "verbose_name_plural" not in said:
            yield _plural(camel_case_to_spaces(made.name))
    for node in made.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and _is_nameless(node.value):
            yield node.targets[0].id.replace("_", " ")


def _names(node):
    return [target for target in node.targets if isinstance(target, ast.Name)]


def _is_nameless(call):
    kind = ast.unparse(call.func).rpartition(".")[2]
    if not kind.endswith(("Field", "Key")) or any(word.arg == "verbose_name" for word in call.keywords):
        return False
    return kind in RELATIONS or not call.args
