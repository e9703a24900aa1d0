"""What vdirsyncer's tests want to know of a server: a calendar of its own for each test."""

import os

import pytest


class ServerMixin:
    @pytest.fixture
    def get_storage_args(self, slow_create_collection, aio_connector):
        async def arguments(collection="test"):
            name = os.environ["DAYBOOK_USER"]
            args = {"url": os.environ["DAYBOOK_URL"], "username": name, "password": name, "connector": aio_connector}
            if collection is None:
                return args
            return await slow_create_collection(self.storage_class, args, collection)

        return arguments
