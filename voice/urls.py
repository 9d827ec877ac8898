"""The addresses people and ElevenLabs use."""

app_name = "voice"
urlpatterns = []
