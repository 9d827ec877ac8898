from knowledge import checks


def test_with_the_model_nothing_is_said():
    assert checks.check_embedding_model() == []


def test_a_missing_model_is_said_at_start_and_stops_nothing(no_model):
    [warning] = checks.check_embedding_model()
    assert "words alone" in warning.msg
    assert not warning.is_serious()


def test_a_language_model_that_is_half_set_is_said(settings):
    settings.LLM_BASE_URL, settings.LLM_API_KEY, settings.LLM_MODEL = "http://127.0.0.1:9/v1", "", "x"
    assert "LLM_API_KEY" in checks.check_language_model()[0].msg
    settings.LLM_API_KEY = "key"
    assert checks.check_language_model() == []


def test_a_folder_that_cannot_be_written_is_said(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "missing"
    assert "cannot be written" in checks.check_data_folder()[0].msg
