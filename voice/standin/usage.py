"""What the workspace used, over REST: the credits of its calls in days or hours.

The shape (columns, column_types, column_units, rows) is the SDK's; what the columns are called is told nowhere in public, so
a client does best to read them by type and unit.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

from starlette.requests import Request
from starlette.responses import JSONResponse

from voice.standin import validation as v

EARLIEST = 1_577_836_800_000  # 2020-01-01 in milliseconds
DAY = 86_400
GROUPS = (
    "product_type", "model", "voice_id", "user_id", "fiat_currency", "fiat_charge_type", "region", "reporting_workspace_id",
    "request_source", "resource_id", "subresource_id", "request_queue_type", "voice_multiplier", "hashed_xi_api_key",
    "billing_group_id", "surface", "actor",
)  # fmt: skip
RULES = {
    "start_time": v.number(EARLIEST, whole=True),
    "end_time": v.number(EARLIEST, whole=True),
    "interval_seconds": v.number(60, whole=True),
    "group_by": v.sequence(),
    "group_by.*": v.one_of(*GROUPS),
    "filters": v.sequence(),
    "filters.*": v.mapping,
    "time_zone": v.one_of(*sorted(available_timezones())),
}
TOLD = {"product_type": "ConvAI"}  # of the groups; nothing is known of the others here


async def by_product(request: Request) -> JSONResponse:
    """POST /v1/workspace/analytics/query/usage-by-product-over-time: one row for each interval with calls."""
    body = await v.read_json(request)
    v.check(body, RULES, required=("start_time", "end_time"))
    groups, interval = body.get("group_by") or [], body.get("interval_seconds") or DAY
    zone = ZoneInfo(body.get("time_zone") or "UTC")
    sums = {}
    for record in request.app.state.standin.store.conversations.values():
        began = record["metadata"]["start_time_unix_secs"]
        if body["start_time"] <= began * 1000 <= body["end_time"]:
            step = _step(began, interval, zone)
            sums[step] = sums.get(step, 0) + (record["metadata"]["cost"] or 0)
    rows = [[step, *(TOLD.get(group) for group in groups), float(credits)] for step, credits in sorted(sums.items())]
    answer = {
        "columns": ["time", *groups, "usage"],
        "column_types": ["DateTime", *("String" for _ in groups), "Float"],
        "column_units": [None, *(None for _ in groups), "credits"],
        "rows": rows,
    }
    return JSONResponse(answer)


def _step(began: int, interval: int, zone: ZoneInfo) -> str:
    """When the interval began that a moment lies in: whole days at local midnight, others counted from 1970."""
    if interval % DAY == 0:
        local = datetime.fromtimestamp(began, zone)
        return local.replace(hour=0, minute=0, second=0, microsecond=0).isoformat()
    return datetime.fromtimestamp(began - began % interval, UTC).isoformat()
