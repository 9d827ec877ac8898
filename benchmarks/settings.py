"""The project's settings, plus the bare view that tool calls are held against, on the same server."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.urls"
# The limits are part of the way and stay in it; they are only set out of reach.
TOOL_CALLS_PER_CONVERSATION = TOOL_CALLS_PER_PERSONA = VISITORS_PER_ADDRESS = 10**9
