"""What beat hands to the workers, and how often."""

EVERY = {
    "waiting-documents": {"task": "knowledge.tasks.take_up_waiting_documents", "schedule": 60},
    "waiting-removals": {"task": "knowledge.tasks.remove_waiting_files", "schedule": 300},
    "due-addresses": {"task": "knowledge.tasks.look_up_due_addresses", "schedule": 300},
    "account": {"task": "voice.tasks.look_after_account", "schedule": 300},
    "waiting-agents": {"task": "voice.tasks.sync_waiting_agents", "schedule": 60},
    "waiting-phone-numbers": {"task": "voice.tasks.sync_waiting_phone_numbers", "schedule": 60},
    "phone-numbers": {"task": "voice.tasks.refresh_phone_numbers", "schedule": 3600},
    "unread-deliveries": {"task": "voice.tasks.read_waiting_deliveries", "schedule": 60},
    "unsettled-calls": {"task": "voice.tasks.look_at_calls", "schedule": 30},
    "due-ratings": {"task": "voice.tasks.tell_due_ratings", "schedule": 300},
    "watch": {"task": "voice.tasks.watch", "schedule": 300},
    "figures-today": {"task": "voice.tasks.keep_recent_figures", "schedule": 300},
    "figures": {"task": "voice.tasks.keep_open_figures", "schedule": 6 * 3600},
    "books": {"task": "voice.tasks.look_at_books", "schedule": 900},
    "books-open": {"task": "voice.tasks.compare_books", "schedule": 6 * 3600},
    "daily-report": {"task": "voice.tasks.send_daily_report", "schedule": 300},
    "rollouts": {"task": "voice.tasks.judge_rollouts", "schedule": 60},
    "minutes": {"task": "voice.tasks.write_minutes_down", "schedule": 60},
    "old-rows": {"task": "voice.tasks.let_old_rows_go", "schedule": 3600},
    "expired-visits": {"task": "voice.tasks.forget_expired_visits", "schedule": 3600},
    "heartbeat": {"task": "voice.tasks.heartbeat", "schedule": 15},
}


def of(reconcile_minutes, drift_minutes):
    """Celery's CELERY_BEAT_SCHEDULE, in seconds; 0 minutes leaves that task out."""
    extra = {
        "reconcile": {"task": "voice.tasks.reconcile", "schedule": reconcile_minutes * 60},
        "changed-agents": {"task": "voice.tasks.check_agents", "schedule": drift_minutes * 60},
    }
    return EVERY | {name: entry for name, entry in extra.items() if entry["schedule"]}
