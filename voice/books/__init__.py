"""What ElevenLabs says we used, beside what we wrote down ourselves."""
