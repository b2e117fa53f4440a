export PASSWORD="${POSTGRES_PASSWORD:-$(cat "${POSTGRES_PASSWORD_FILE:-/dev/null}")}"
export OWNER_PASSWORD="${OWNER_PASSWORD:-$(cat "${OWNER_PASSWORD_FILE:-/dev/null}")}"
cat >/tmp/roles.sh <<'SH'
for role in $ROLES; do
  psql -qXv ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" -v role="$role" -v owner="${role}_owner" <<'SQL' || exit 1
\getenv password PASSWORD
\getenv owner_password OWNER_PASSWORD
SELECT format('CREATE ROLE %I', name) FROM unnest(ARRAY[:'role', :'owner']) AS name
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
ALTER ROLE :"role" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'password';
ALTER ROLE :"owner" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'owner_password';
REVOKE ALL ON DATABASE :"DBNAME" FROM PUBLIC, :"role";
REVOKE ALL ON SCHEMA public FROM PUBLIC, :"role";
GRANT CONNECT ON DATABASE :"DBNAME" TO :"role", :"owner";
GRANT USAGE ON SCHEMA public TO :"role", :"owner";
GRANT CREATE ON SCHEMA public TO :"owner";
SELECT format('ALTER TABLE %I OWNER TO %I', relname, :'owner') FROM pg_class
  WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND starts_with(relname, :'role' || '_')
  AND relowner <> :'owner'::regrole \gexec
-- The catalogue loads its products through temporary tables, and has its statistics renewed after that.
SELECT 'SELECT, INSERT, UPDATE, DELETE' || CASE :'role' WHEN 'catalog' THEN ', MAINTAIN' ELSE '' END AS rights \gset
SELECT format('GRANT TEMPORARY ON DATABASE %I TO %I', :'DBNAME', :'role') WHERE :'role' = 'catalog' \gexec
SELECT format('GRANT %s ON %I TO %I', :'rights', relname, :'role') FROM pg_class
  WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relowner = :'owner'::regrole \gexec
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public GRANT :rights ON TABLES TO :"role";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public GRANT USAGE ON SEQUENCES TO :"role";
ALTER ROLE :"USER" PASSWORD NULL;
SQL
done
SH
done=$( (cat /tmp/roles.sh; printf '%s\n' "$ROLES" "$PASSWORD" "$OWNER_PASSWORD") | sha256sum)
if [ "$(cat "$PGDATA/twinshop-roles" 2>/dev/null)" != "$done" ]; then
  docker-entrypoint.sh postgres -c listen_addresses= &
  until [ "$(head -n 1 "$PGDATA/postmaster.pid" 2>/dev/null)" = $! ] && bash /tmp/roles.sh; do
    kill -0 $! || exit 1
    sleep 0.2
  done
  kill -INT $! && wait $!
  echo "$done" >"$PGDATA/twinshop-roles"
fi
unset PASSWORD OWNER_PASSWORD
exec docker-entrypoint.sh postgres
