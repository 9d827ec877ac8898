"""Whether an answer, as the official SDK read it, has every field that the SDK calls required."""

from pydantic import BaseModel


def missing_fields(value, where: str = "") -> list[str]:
    """Dotted paths of required fields that are missing anywhere in an SDK model (or list, or dict of them)."""
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        absent = [
            f"{where}.{name}"
            for name, field in fields.items()
            if field.is_required() and name not in value.model_fields_set
        ]
        return absent + [
            path for name in fields for path in missing_fields(getattr(value, name, None), f"{where}.{name}")
        ]
    if isinstance(value, dict):
        return [path for key, item in value.items() for path in missing_fields(item, f"{where}.{key}")]
    if isinstance(value, (list, tuple)):
        return [path for number, item in enumerate(value) for path in missing_fields(item, f"{where}[{number}]")]
    return []
