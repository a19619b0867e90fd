"""Where the servers of the tests keep what they keep: a file each, or a database each on one PostgreSQL server. Every one that
`grantexd dev` starts on is a copy of what its first start leaves: making the signing key is what takes time."""

import os
import shutil

from .postgres import Postgres
from .server import Server

ON_POSTGRES = os.environ.get("GRANTEX_TEST_STORE", "sqlite") == "postgres"


class Files:
    def __init__(self, folder):
        self.furnished = Server(folder)
        self.furnished.start().finish()

    def give(self, server):
        if server.command == "dev":
            shutil.copytree(self.furnished.data, server.data)

    def take(self, server):
        """pytest removes the folder."""

    def remove(self):
        """The same."""


class Databases:
    def __init__(self, folder):
        self.postgres = Postgres().start()
        try:
            self.furnished = self.postgres.new_database()
            Server(folder).use(self.furnished).start().finish()
            self.furnished.wait_left()  # or it could not be copied
        except BaseException:
            self.remove()
            raise

    def give(self, server):
        server.use(self.postgres.new_database(self.furnished if server.command == "dev" else None))

    def take(self, server):
        server.database.drop()

    def remove(self):
        self.postgres.remove()


def stores(folder):
    return Databases(folder) if ON_POSTGRES else Files(folder)
