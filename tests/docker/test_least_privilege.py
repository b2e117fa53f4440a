"""What an account of the shop may do in its stores, and that data of an older version stay usable."""

import subprocess

import pytest

from twinshop.testing.waiting import wait_until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]
ACCOUNTS = [("mono", "database", "catalog"), ("mono", "database", "payment")]
ACCOUNTS += [("micro", "catalog-db", "catalog"), ("micro", "payment-db", "payment")]


@pytest.fixture
def as_role(request, docker, secret_values):
    """Runs a statement in a shape's database as one of its roles, over the network; what psql says."""

    def run(shape, service, role, statement, password=secret_values[1]):
        container = request.getfixturevalue(shape).container(service)
        database = "shop" if service == "database" else role
        network = docker("inspect", "-f", "{{range $n, $_ := .NetworkSettings.Networks}}{{$n}}{{end}}", container)
        return subprocess.run(
            [
                "docker",
                "run",
                "--rm",
                "--network",
                network,
                "-e",
                f"PGPASSWORD={password}",
                "--entrypoint",
                "psql",
                "postgres:17",
                "-h",
                service,
                "-U",
                role,
                "-d",
                database,
                "-Atc",
                statement,
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run


@pytest.mark.parametrize(("shape", "service", "role"), ACCOUNTS)
def test_a_component_reads_and_writes_its_own_tables(as_role, shape, service, role):
    table = {"catalog": "catalog_seed", "payment": "payment_order"}[role]
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
def test_a_component_may_do_nothing_but_that(as_role, shape, service, role, statement):
    done = as_role(shape, service, role, statement)

    assert done.returncode != 0, done.stdout
    assert "permission denied" in done.stderr


def test_in_one_database_components_do_not_see_each_others_tables(as_role):
    peeking = as_role("mono", "database", "catalog", "SELECT * FROM payment_order")

    assert "permission denied for table payment_order" in peeking.stderr


@pytest.mark.parametrize(("shape", "service"), [("mono", "database"), ("micro", "catalog-db")])
def test_the_superuser_cannot_come_over_the_network(as_role, shape, service):
    done = as_role(shape, service, "twinshop", "SELECT 1")

    assert "password authentication failed" in done.stderr


def test_a_volume_of_an_older_version_gets_the_roles_and_the_newest_password(docker, up):
    """Its tables belong to the superuser, whose password the shop had."""
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
        docker("stop", old)
    finally:
        docker("rm", "-f", old)
    try:
        with up(name, "services/catalog/compose.yaml", port_variable="CATALOG_PORT") as shop:
            inside = ("exec", "-T", "catalog-db", "psql", "-U", "twinshop", "-d", "catalog", "-Atc")
            owners = shop.compose(*inside, "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
            assert owners == "catalog"
            assert shop.compose(*inside, "SELECT n FROM catalog_kept") == "7"
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
    assert shape.compose("exec", "-T", "redis", *health, "ping") == "PONG"
    for words in (["keys", "*"], ["get", "cart:x"], ["config", "get", "*"], ["flushall"], ["acl", "list"]):
        assert "NOAUTH" in shape.compose("exec", "-T", "redis", "redis-cli", *words, check=False), words
        assert "NOPERM" in shape.compose("exec", "-T", "redis", *health, *words, check=False), words


def test_the_cart_may_touch_carts_alone(redis):
    shape, password = redis

    def said(*words):
        asked = ("redis-cli", "--no-auth-warning", "--user", "cart", "--pass", password, *words)
        return shape.compose("exec", "-T", "redis", *asked, check=False)

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
