"""A persona into a second one: a draft that knows the same, without anything being read or embedded again."""

import uuid
from contextlib import suppress
from itertools import islice
from pathlib import PurePath

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from knowledge import caching
from knowledge.archives import contents
from knowledge.models import Address, Document, Flag, Library, Passage, Vectors
from personas import recording
from personas.models import Persona

AT_ONCE = 200  # rows
ENDING = " (copy)"


def copy(persona):
    """A draft copy with a free slug: fields, questions, documents with their files, passages and vectors. It has no
    agent and no conversations. All of it or nothing, files too."""
    pk, stored = uuid.uuid4(), []
    try:
        with (
            caching.changing(pk),
            transaction.atomic(),
            recording.because(_("Copied from {name}").format(name=persona.name)),
        ):
            library = Library.objects.lock(persona.pk)  # nobody changes what it knows while it is copied
            made = _copy_persona(persona, pk, stored)
            for name, model in contents.PARTS.items():
                for row in getattr(persona, name).all():
                    _twin(row, model, persona=made).save()
            _copy_knowledge(persona, made, stored)
            Library.objects.moved(pk)
            Library.objects.filter(pk=pk).update(engine=library.engine, settled=library.settled)
    except BaseException:
        for file in stored:
            with suppress(OSError):  # a storage that fails may fail at this, too
                file.storage.delete(file.name)
        raise
    return made


def _copy_persona(persona, pk, stored):
    longest = Persona._meta.get_field("name").max_length - len(ENDING)
    slug = contents.free_slug(f"{persona.slug[:75]}-copy")
    made = _twin(persona, Persona, id=pk, slug=slug, name=f"{persona.name[:longest]}{ENDING}", avatar="")
    made.status = Persona.Status.DRAFT
    if persona.avatar:
        _copy_file(persona.avatar, made.avatar, f"{slug}{PurePath(persona.avatar.name).suffix}", stored)
    made.save()
    return made


def _copy_knowledge(persona, made, stored):
    documents = _copy_documents(persona, made, stored)
    of_documents = {"document__in": documents}
    _copy_rows(Address.objects.filter(**of_documents), {"document": documents})
    _copy_rows(Flag.objects.filter(**of_documents), {"document": documents, "other": documents}, persona_id=made.pk)
    passages = _copy_rows(Passage.objects.filter(**of_documents), {"document": documents}, persona_id=made.pk)
    _copy_rows(Vectors.objects.filter(passage__document__in=documents), {"passage": passages})


def _copy_documents(persona, made, stored):
    """{id: the copy's id}. One that is being read waits in the copy, to be read there; a new version of a page that is
    being read aside is left out."""
    copies, superseded = {}, {}
    for document in persona.documents.filter(replaces=None).order_by("given_at", "created_at").iterator(20):
        twin = _twin(document, Document, id=uuid.uuid4(), persona=made, file="", superseded_by=None)
        if document.file:
            _copy_file(document.file, twin.file, f"{twin.pk.hex}{PurePath(document.file.name).suffix}", stored)
        if document.status == Document.Status.READING:
            twin.status, twin.progress, twin.attempts, twin.claimed_at = Document.Status.WAITING, 0, 0, None
        twin.save()
        copies[document.pk], superseded[twin.pk] = twin.pk, document.superseded_by_id
    for pk, successor in superseded.items():
        if successor in copies:
            Document.objects.filter(pk=pk).update(superseded_by=copies[successor])
    return copies


def _copy_rows(rows, parents, **given):
    """Copy rows under the copies of their parents, {field: {id: the copy's id}}, some at a time: {id: the copy's id}. A
    row of which one parent was not copied is left out."""
    made = {}
    columns = {rows.model._meta.get_field(name).attname: copies | {None: None} for name, copies in parents.items()}
    ordered = rows.order_by("pk").iterator(AT_ONCE)
    while some := list(islice(ordered, AT_ONCE)):
        whole = [row for row in some if all(getattr(row, column) in copies for column, copies in columns.items())]
        moved = [{column: copies[getattr(row, column)] for column, copies in columns.items()} for row in whole]
        twins = [_twin(row, rows.model, **place, **given) for row, place in zip(whole, moved, strict=True)]
        rows.model.objects.bulk_create(twins)
        made |= {row.pk: twin.pk for row, twin in zip(whole, twins, strict=True)}
    return made


def _twin(row, model, **given):
    """An unsaved row like another, but for what is given."""
    kept = {
        field.attname: getattr(row, field.attname) for field in model._meta.concrete_fields if not field.primary_key
    }
    named = {model._meta.get_field(name).attname for name in given if name != "id"}
    return model(**{name: value for name, value in kept.items() if name not in named}, **given)


def _copy_file(source, target, name, stored):
    with source.storage.open(source.name, "rb") as file:
        target.save(name, File(file), save=False)
    stored.append(target)
