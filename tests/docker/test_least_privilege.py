"""What an account of the shop may do in its stores, and that data of an older version stay usable."""

import subprocess

import pytest

from twinshop.testing.waiting import wait_until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]
ACCOUNTS = [("mono", "database", "catalog"), ("mono", "database", "payment")]
ACCOUNTS += [("micro", "catalog-db", "catalog"), ("micro", "payment-db", "payment")]
TABLES = {"catalog": "catalog_seed", "payment": "payment_order"}


@pytest.fixture(scope="module")
def client(request, docker):
    """A container with psql in the network of a shape."""
    started = {}

    def of(shape):
        if shape not in started:
            database = request.getfixturevalue(shape).container("database" if shape == "mono" else "catalog-db")
            network = docker("inspect", "-f", "{{range $n, $_ := .NetworkSettings.Networks}}{{$n}}{{end}}", database)
            started[shape] = docker("run", "-d", "--network", network, "--entrypoint", "sleep", "postgres:17", "900")
        return started[shape]

    yield of
    docker("rm", "-f", "-v", *started.values(), check=False)


@pytest.fixture
def as_role(client, secret_values):
    """Runs a statement in a shape's database as one of its roles, over the network; what psql says."""

    def run(shape, service, role, statement, password=secret_values[1]):
        database = "shop" if service == "database" else service.removesuffix("-db")
        psql = ("psql", "-h", service, "-U", role, "-d", database, "-Atc", statement)
        return subprocess.run(
            ["docker", "exec", "-e", f"PGPASSWORD={password}", client(shape), *psql],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run


@pytest.mark.parametrize(("shape", "service", "role"), ACCOUNTS)
def test_a_component_reads_and_writes_its_own_tables(as_role, shape, service, role):
    table = TABLES[role]
    done = as_role(shape, service, role, f"UPDATE {table} SET id = id WHERE false; SELECT count(*) >= 0 FROM {table}")

    assert (done.returncode, done.stdout.split("\n")[-2:]) == (0, ["t", ""]), done.stderr


@pytest.mark.parametrize(("shape", "service", "role"), ACCOUNTS)
@pytest.mark.parametrize(
    "statement",
    [
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "CREATE TEMP TABLE t (x text); COPY t FROM PROGRAM 'id'",
        "SELECT pg_read_file('/etc/passwd')",
        "CREATE ROLE another",
        "CREATE DATABASE another",
        "ALTER ROLE twinshop PASSWORD 'x'",
        "SET ROLE twinshop",
        "SELECT * FROM pg_authid",
    ],
)
def test_no_account_may_do_more_than_its_tables_need(as_role, secret_values, shape, service, role, statement):
    for account, password in ((role, secret_values[1]), (f"{role}_owner", secret_values[2])):
        done = as_role(shape, service, account, statement, password)

        assert done.returncode != 0, done.stdout
        assert "permission denied" in done.stderr


@pytest.mark.parametrize(("shape", "service", "role"), ACCOUNTS)
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE another (x text)",
        "CREATE TABLE {table}_2 AS SELECT * FROM {table}",
        "ALTER TABLE {table} ADD COLUMN x text",
        "CREATE INDEX another ON {table} (id)",
        "TRUNCATE {table} CASCADE",
        "DROP TABLE {table} CASCADE",
        "CREATE FUNCTION another() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE SCHEMA another",
        "SET ROLE {role}_owner",
    ],
)
def test_a_component_changes_no_schema(as_role, shape, service, role, statement):
    done = as_role(shape, service, role, statement.format(table=TABLES[role], role=role))

    assert done.returncode != 0, done.stdout
    assert any(words in done.stderr for words in ("permission denied", "must be owner"))


@pytest.mark.parametrize(("shape", "service", "role"), ACCOUNTS)
def test_the_tables_belong_to_their_component_s_owner(as_role, secret_values, shape, service, role):
    """It makes what migrations need, and does not come in with the component's password."""
    owned = f"SELECT DISTINCT tableowner FROM pg_tables WHERE starts_with(tablename, '{role}_')"
    made = f"CREATE TABLE {role}_made (n int); DROP TABLE {role}_made"

    assert as_role(shape, service, role, owned).stdout == f"{role}_owner\n"
    assert as_role(shape, service, f"{role}_owner", made, secret_values[2]).returncode == 0
    assert "password authentication failed" in as_role(shape, service, f"{role}_owner", "SELECT 1").stderr


@pytest.mark.parametrize(("shape", "service"), [("mono", "database"), ("micro", "payment-db")])
def test_only_the_catalogue_makes_temporary_tables(as_role, shape, service):
    assert "permission denied" in as_role(shape, service, "payment", "CREATE TEMP TABLE t (x int)").stderr


@pytest.mark.parametrize("shape", ["mono"])
def test_in_one_database_components_do_not_see_each_others_tables(as_role, shape):
    peeking = as_role(shape, "database", "catalog", "SELECT * FROM payment_order")

    assert "permission denied for table payment_order" in peeking.stderr, peeking.stderr


@pytest.mark.parametrize(("shape", "service"), [("mono", "database"), ("micro", "catalog-db")])
def test_the_superuser_cannot_come_over_the_network(as_role, shape, service):
    done = as_role(shape, service, "twinshop", "SELECT 1")

    assert "password authentication failed" in done.stderr


OLDER = {
    "the superuser's": "SELECT 1",
    "the component's": "CREATE ROLE catalog LOGIN PASSWORD 'an-older-one'; ALTER TABLE catalog_kept OWNER TO catalog;"
    " GRANT USAGE, CREATE ON SCHEMA public TO catalog; GRANT CONNECT, TEMPORARY ON DATABASE catalog TO catalog",
}


@pytest.mark.parametrize("older", OLDER.values(), ids=OLDER)
def test_a_volume_of_an_older_version_gets_the_roles_and_the_newest_password(docker, up, older):
    """Its tables belong to the superuser, whose password the shop had, or to the component's account."""
    name = "twinshop-test-upgrade"
    volume = f"{name}_catalog-db"
    docker("volume", "create", "--label", "com.docker.compose.volume=catalog-db", volume)
    old = docker(
        *("run", "-d", "-v", f"{volume}:/var/lib/postgresql/data", "-e", "POSTGRES_USER=twinshop"),
        *("-e", "POSTGRES_PASSWORD=an-older-one", "-e", "POSTGRES_DB=catalog", "postgres:17"),
    )
    try:
        ask = ("exec", old, "psql", "-h", "127.0.0.1", "-U", "twinshop", "-d", "catalog", "-Atc")
        wait_until(lambda: docker(*ask, "SELECT 1", check=False) == "1")
        docker(*ask, "CREATE TABLE catalog_kept AS SELECT 7 AS n")
        docker(*ask, older)
        docker("stop", old)
    finally:
        docker("rm", "-f", old)
    try:
        with up(name, "services/catalog/compose.yaml", port_variable="CATALOG_PORT") as shop:
            ask = ("catalog-db", "psql", "-U", "twinshop", "-d", "catalog", "-Atc")
            owners = shop.inside(*ask, "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
            assert owners == "catalog_owner"
            rights = (
                "SELECT has_schema_privilege('catalog', 'public', 'CREATE'), has_table_privilege('catalog', '{}', '{}')"
            )
            assert shop.inside(*ask, rights.format("catalog_kept", "UPDATE")) == "f|t"
            assert shop.inside(*ask, rights.format("catalog_kept", "TRUNCATE")) == "f|f"
            assert shop.inside(*ask, "SELECT n FROM catalog_kept") == "7"
            with shop.client() as client:
                assert client.get("/readyz").status_code == 200
    finally:
        docker("volume", "rm", "-f", volume, check=False)


@pytest.fixture(params=["mono", "micro"])
def redis(request):
    shape = request.getfixturevalue(request.param)
    part = {"mono": "monolith", "micro": "cart"}[request.param]
    lines = (line.partition("=") for line in shape.inspect(part)["Config"]["Env"])  # one that is unset has no `=`
    variables = {name: value for name, _, value in lines}
    assert variables["CART_REDIS_URL"] == "redis://cart@redis:6379/0"
    return shape, variables["CART_REDIS_PASSWORD"]


def test_redis_wants_a_password(redis):
    shape, _ = redis

    health = ("redis-cli", "--no-auth-warning", "--user", "health", "--pass", "any")
    assert shape.inside("redis", *health, "ping") == "PONG"
    for words in (["keys", "*"], ["get", "cart:x"], ["config", "get", "*"], ["flushall"], ["acl", "list"]):
        assert "NOAUTH" in shape.inside("redis", "redis-cli", *words, check=False), words
        assert "NOPERM" in shape.inside("redis", *health, *words, check=False), words


def test_the_cart_may_touch_carts_alone(redis):
    shape, password = redis

    def said(*words):
        asked = ("redis-cli", "--no-auth-warning", "--user", "cart", "--pass", password, *words)
        return shape.inside("redis", *asked, check=False)

    assert said("hset", "cart:{test}", "version", "0") in {"0", "1"}
    assert said("del", "cart:{test}") == "1"
    for words in (["set", "other", "1"], ["config", "get", "*"], ["flushall"], ["keys", "*"], ["acl", "list"]):
        assert "NOPERM" in said(*words), words


@pytest.mark.parametrize(("shape", "service"), [("mono", "database"), ("mono", "redis"), ("micro", "catalog-db")])
def test_stores_are_as_confined_as_the_components(request, shape, service):
    found = request.getfixturevalue(shape).inspect(service)

    assert found["Config"]["User"] in {"postgres", "redis"}
    host = found["HostConfig"]
    assert (host["ReadonlyRootfs"], host["CapDrop"], host["CapAdd"]) == (True, ["ALL"], None)
    assert "no-new-privileges:true" in host["SecurityOpt"]
