"""The stand-in as a web application: every address it answers to."""

import contextlib
import functools

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route, WebSocketRoute

from voice.standin import (
    account,
    agents,
    calling,
    control,
    conversations,
    dialling,
    docs,
    executions,
    history,
    keys,
    phones,
    talk,
    tickets,
    tools,
    uploads,
    usage,
    vault,
    voices,
    webhooks,
)
from voice.standin.door import Door
from voice.standin.errors import Refusal, answer_refusal
from voice.standin.options import Options
from voice.standin.standin import Standin

CONVAI = "/v1/convai"
USAGE = "/v1/workspace/analytics/query/usage-by-product-over-time"
ROUTES = [
    ("POST", f"{CONVAI}/agents/create", agents.create),
    ("GET", f"{CONVAI}/agents", agents.list_agents),
    ("GET", f"{CONVAI}/agents/{{agent_id}}", agents.get),
    ("PATCH", f"{CONVAI}/agents/{{agent_id}}", agents.update),
    ("DELETE", f"{CONVAI}/agents/{{agent_id}}", agents.delete),
    ("POST", f"{CONVAI}/agents/{{agent_id}}/duplicate", agents.duplicate),
    ("GET", f"{CONVAI}/agents/{{agent_id}}/link", agents.link),
    ("POST", f"{CONVAI}/tools", tools.create),
    ("GET", f"{CONVAI}/tools", tools.list_tools),
    ("GET", f"{CONVAI}/tools/{{tool_id}}", tools.get),
    ("PATCH", f"{CONVAI}/tools/{{tool_id}}", tools.update),
    ("DELETE", f"{CONVAI}/tools/{{tool_id}}", tools.delete),
    ("GET", f"{CONVAI}/tools/{{tool_id}}/dependent-agents", tools.list_dependents),
    ("GET", f"{CONVAI}/tools/{{tool_id}}/executions", executions.list_executions),
    ("POST", f"{CONVAI}/secrets", vault.create),
    ("GET", f"{CONVAI}/secrets", vault.list_secrets),
    ("GET", f"{CONVAI}/secrets/{{secret_id}}", vault.get),
    ("PATCH", f"{CONVAI}/secrets/{{secret_id}}", vault.update),
    ("DELETE", f"{CONVAI}/secrets/{{secret_id}}", vault.delete),
    ("GET", f"{CONVAI}/conversation/get-signed-url", tickets.sign_url),
    ("GET", f"{CONVAI}/conversation/get_signed_url", tickets.sign_url),
    ("GET", f"{CONVAI}/conversation/token", tickets.refuse_token),
    ("GET", f"{CONVAI}/conversations", conversations.list_conversations),
    ("GET", f"{CONVAI}/conversations/{{conversation_id}}", conversations.get),
    ("DELETE", f"{CONVAI}/conversations/{{conversation_id}}", conversations.delete),
    ("GET", f"{CONVAI}/conversations/{{conversation_id}}/audio", conversations.play),
    ("POST", f"{CONVAI}/conversations/{{conversation_id}}/feedback", conversations.rate),
    ("POST", f"{CONVAI}/conversations/{{conversation_id}}/files", uploads.take),
    ("DELETE", f"{CONVAI}/conversations/{{conversation_id}}/files/{{file_id}}", uploads.let_go),
    ("POST", f"{CONVAI}/phone-numbers", phones.create),
    ("GET", f"{CONVAI}/phone-numbers", phones.list_all),
    ("GET", f"{CONVAI}/v2/phone-numbers", phones.list_pages),
    ("GET", f"{CONVAI}/phone-numbers/{{phone_number_id}}", phones.get),
    ("PATCH", f"{CONVAI}/phone-numbers/{{phone_number_id}}", phones.update),
    ("DELETE", f"{CONVAI}/phone-numbers/{{phone_number_id}}", phones.delete),
    ("POST", f"{CONVAI}/twilio/outbound-call", calling.call_out),
    ("GET", f"{CONVAI}/settings", account.get_settings),
    ("PATCH", f"{CONVAI}/settings", account.update_settings),
    ("GET", f"{CONVAI}/analytics/live-count", account.count_live),
    ("GET", f"{CONVAI}/llm/list", account.list_models),
    ("GET", "/v2/voices", voices.search),
    ("GET", "/v1/voices", voices.get_all),
    ("GET", "/v1/voices/{voice_id}", voices.get_one),
    ("GET", "/v1/user", account.get_user),
    ("GET", "/v1/user/subscription", account.get_subscription),
    ("POST", USAGE, usage.by_product),
    ("POST", "/v1/workspace/webhooks", webhooks.create),
    ("GET", "/v1/workspace/webhooks", webhooks.list_webhooks),
    ("PATCH", "/v1/workspace/webhooks/{webhook_id}", webhooks.update),
    ("DELETE", "/v1/workspace/webhooks/{webhook_id}", webhooks.delete),
]

OWN = [*control.ROUTES, *keys.ROUTES, *history.ROUTES, *dialling.ROUTES, *calling.ROUTES, *docs.ROUTES]


def build(options: Options) -> Starlette:
    """The application for one stand-in. Its state is in `app.state.standin`."""
    standin = Standin(options)
    guarded = [Route(path, _guard(endpoint), methods=[method]) for method, path, endpoint in ROUTES]
    own = [Route(path, endpoint, methods=[method]) for method, path, endpoint in OWN]
    socket = WebSocketRoute(f"{CONVAI}/conversation", talk.converse)
    app = Starlette(
        routes=[socket, *guarded, *own],
        exception_handlers={Refusal: answer_refusal},
        middleware=[
            Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"]),
            Middleware(Door, standin=standin),
        ],
        lifespan=_live,
    )
    app.state.standin = standin
    return app


@contextlib.asynccontextmanager
async def _live(app: Starlette):
    await app.state.standin.start()
    yield
    await app.state.standin.stop()


def _guard(endpoint):
    """Ask for the key first, except where browsers come without one."""

    @functools.wraps(endpoint)
    async def guarded(request):
        path = request.url.path
        if not keys.is_open(path):
            request.app.state.standin.keys.check(request.headers.get("xi-api-key"), request.method, path)
        return await endpoint(request)

    return guarded
