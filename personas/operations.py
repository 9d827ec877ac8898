"""What a migration may do while the site serves, and Django's own operations do not."""

from django.db.migrations.operations import AddIndex


class AddIndexAside(AddIndex):
    """An index that is built without a lock where the database can (PostgreSQL: CONCURRENTLY), for tables that grow with use.

    Its migration says ``atomic = False`` and has nothing else in it. One that broke off is built anew: an index that
    PostgreSQL did not finish is there and serves nobody.
    """

    atomic = False
    aside = True

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            schema_editor.remove_index(model, self.index, concurrently=True)
            schema_editor.add_index(model, self.index, concurrently=True)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor != "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)
            return
        model = from_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            schema_editor.remove_index(model, self.index, concurrently=True)
