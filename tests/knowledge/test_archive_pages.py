"""Export, import and duplicate in the admin and on the command line."""

import io
import zipfile

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from knowledge.models import Document
from personas import story
from personas.models import Persona
from tests.knowledge.packing import packed

pytestmark = pytest.mark.django_db

EXPORT, DUPLICATE = "admin:knowledge_export_persona", "admin:knowledge_duplicate_persona"
IMPORT, LIST = "admin:knowledge_import_persona", "admin:personas_persona_changelist"


def said(response):
    return " ".join(str(message) for message in response.context["messages"])


def archive(persona):
    return ContentFile(packed(persona).getvalue(), name="maren.zip")


def clerk(client, django_user_model, *permissions):
    user = django_user_model.objects.create_user("clerk", password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)
    return client


def test_the_buttons_stand_on_the_personas_page_and_on_the_list(admin_client, whole):
    page = admin_client.get(reverse("admin:personas_persona_change", args=[whole.pk])).content.decode()
    for name in (EXPORT, DUPLICATE, "admin:personas_persona_history"):
        assert reverse(name, args=[whole.pk]) in page
    assert reverse(IMPORT) in admin_client.get(reverse(LIST)).content.decode()


def test_the_export_is_the_archive_and_stands_in_the_log(admin_client, whole):
    response = admin_client.get(reverse(EXPORT, args=[whole.pk]))
    assert response["Content-Disposition"] == 'attachment; filename="maren.persona.zip"'
    assert b"".join(response.streaming_content) == packed(whole).getvalue()
    assert LogEntry.objects.get(object_id=str(whole.pk)).change_message == "Exported to a file."


def test_an_export_that_cannot_be_says_why_on_the_personas_page(admin_client, whole):
    document = whole.documents.exclude(file="").get()
    document.file.storage.delete(document.file.name)
    response = admin_client.get(reverse(EXPORT, args=[whole.pk]), follow=True)
    assert "Nothing was exported. The file of “Handbook” is no longer in the storage." in said(response)


def test_an_import_makes_a_draft_whose_documents_are_read(admin_client, whole, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as waiting:
        response = admin_client.post(reverse(IMPORT), {"file": archive(whole), "slug": ""}, follow=True)
    for start in [one for one in waiting if one.__module__ == "knowledge.tasks"]:  # and none that asks ElevenLabs
        start()
    made = Persona.objects.get(slug="maren-2")
    assert response.redirect_chain[-1][0] == reverse("admin:personas_persona_change", args=[made.pk])
    assert "4 documents are waiting to be read" in said(response)
    assert set(made.documents.values_list("status", flat=True)) == {"ready"}
    assert story.entries(made)[-1].who == "admin"


def test_a_refused_import_says_why_and_makes_nothing(admin_client, whole):
    response = admin_client.post(reverse(IMPORT), {"file": archive(whole), "slug": "maren"})
    assert "Nothing was imported." in response.content.decode()
    assert "“maren-2” is free" in response.content.decode()
    response = admin_client.post(reverse(IMPORT), {"file": ContentFile(b"%PDF", name="x.zip")})
    assert "not a persona archive" in response.content.decode()
    assert Persona.objects.count() == 1


def test_duplicating_asks_first(admin_client, whole):
    address = reverse(DUPLICATE, args=[whole.pk])
    assert "This makes a draft" in admin_client.get(address).content.decode()
    assert Persona.objects.count() == 1
    response = admin_client.post(address, follow=True)
    made = Persona.objects.get(slug="maren-copy")
    assert response.redirect_chain[-1][0] == reverse("admin:personas_persona_change", args=[made.pk])
    assert "Maren (copy) is a draft that knows what Maren knows" in said(response)


def test_several_are_duplicated_from_the_list(admin_client, whole, other):
    data = {"action": "duplicate", "_selected_action": [str(whole.pk), str(other.pk)]}
    admin_client.post(reverse(LIST), data)
    assert set(Persona.objects.values_list("slug", flat=True)) == {"maren", "emil", "maren-copy", "emil-copy"}


def test_a_copy_whose_file_is_gone_is_refused_and_makes_nothing(admin_client, whole):
    document = whole.documents.exclude(file="").get()
    document.file.storage.delete(document.file.name)
    response = admin_client.post(reverse(DUPLICATE, args=[whole.pk]), follow=True)
    assert "a file could not be copied, so nothing was" in said(response)
    assert Persona.objects.count() == 1


def test_who_may_only_look_may_export_and_make_nothing(client, whole, django_user_model):
    client = clerk(client, django_user_model, "view_persona", "view_document", "view_goldenquestion")
    assert client.get(reverse(EXPORT, args=[whole.pk])).status_code == 200
    assert client.post(reverse(DUPLICATE, args=[whole.pk])).status_code == 403
    assert client.post(reverse(IMPORT), {"file": archive(whole)}).status_code == 403
    client.post(reverse(LIST), {"action": "duplicate", "_selected_action": [str(whole.pk)]})
    assert Persona.objects.count() == 1
    page = client.get(reverse("admin:personas_persona_change", args=[whole.pk])).content.decode()
    assert reverse(DUPLICATE, args=[whole.pk]) not in page
    assert reverse(IMPORT) not in client.get(reverse(LIST)).content.decode()


@pytest.mark.parametrize("seen", ["view_document", "view_goldenquestion"])
def test_who_may_not_look_at_all_of_it_does_not_get_it_as_a_file(client, whole, django_user_model, seen):
    client = clerk(client, django_user_model, "view_persona", seen)
    assert client.get(reverse(EXPORT, args=[whole.pk])).status_code == 403
    page = client.get(reverse("admin:personas_persona_change", args=[whole.pk])).content.decode()
    assert reverse(EXPORT, args=[whole.pk]) not in page


def test_who_may_make_personas_but_no_documents_may_not_bring_them_this_way(client, whole, django_user_model):
    client = clerk(client, django_user_model, "view_persona", "add_persona")
    assert client.post(reverse(DUPLICATE, args=[whole.pk])).status_code == 403
    assert client.post(reverse(IMPORT), {"file": archive(whole)}).status_code == 403
    client.post(reverse(LIST), {"action": "duplicate", "_selected_action": [str(whole.pk)]})
    assert Persona.objects.count() == 1


def test_everybody_else_finds_the_pages_closed(client, whole, django_user_model):
    addresses = [reverse(EXPORT, args=[whole.pk]), reverse(DUPLICATE, args=[whole.pk]), reverse(IMPORT)]
    assert [client.get(address).status_code for address in addresses] == [302, 302, 302]
    client = clerk(client, django_user_model)
    assert [client.get(address).status_code for address in addresses] == [403, 403, 403]


def test_a_persona_that_is_not_there_is_not_found(admin_client, db):
    nobody = "00000000-0000-0000-0000-000000000000"
    assert admin_client.get(reverse(EXPORT, args=[nobody])).status_code == 404
    assert admin_client.post(reverse(DUPLICATE, args=[nobody])).status_code == 404


def test_the_commands_take_a_persona_out_and_in(whole, tmp_path, capsys):
    file = tmp_path / "maren.zip"
    call_command("export_persona", "maren", str(file))
    assert file.read_bytes() == packed(whole).getvalue()
    call_command("import_persona", str(file), "--slug", "second")
    assert "Maren: a draft at /chat/second/, 4 documents wait to be read." in capsys.readouterr().out
    assert Document.objects.filter(persona__slug="second").count() == 4


def test_the_commands_refuse_in_words(whole, tmp_path):
    with pytest.raises(CommandError, match="There are: maren"):
        call_command("export_persona", "nobody", str(tmp_path / "x.zip"))
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_persona", "maren", str(tmp_path / "nowhere" / "x.zip"))
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_persona", str(tmp_path / "x.zip"))
    (tmp_path / "x.zip").write_bytes(b"no archive")
    with pytest.raises(CommandError, match="Nothing was imported"):
        call_command("import_persona", str(tmp_path / "x.zip"))


def test_an_export_that_fails_leaves_the_earlier_file(whole, tmp_path):
    file = tmp_path / "maren.zip"
    file.write_bytes(b"earlier")
    document = whole.documents.exclude(file="").get()
    document.file.storage.delete(document.file.name)
    with pytest.raises(CommandError, match="Nothing was written"):
        call_command("export_persona", "maren", str(file))
    assert file.read_bytes() == b"earlier"
    assert list(tmp_path.glob("tmp*")) == []


def test_the_archive_is_a_plain_zip_that_any_program_opens(whole):
    names = zipfile.ZipFile(io.BytesIO(packed(whole).getvalue())).namelist()
    assert names == ["documents/0001.txt", "documents/0002.txt", "documents/0003.txt", "documents/0004.pdf", "avatar.png", "persona.json"]  # fmt: skip
