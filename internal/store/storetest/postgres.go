package storetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"yanlu/internal/store"
)

// PostgreSQL waits for its disk whenever a database is made or dropped, which would be
// most of the time of a short test. So databases are kept, from test to test and from
// run to run, under names of ours; whoever holds the lock on a name has the database,
// and empties it before use: the one before may have been killed.

// most is how many databases tests may have at once.
const most = 200

// emptyPostgres makes a database for one test that brings its own schema.
func emptyPostgres(t testing.TB) string {
	t.Helper()
	name := "yanlu_empty_" + strings.ToLower(rand.Text()[:16])
	if err := onServer("CREATE DATABASE " + name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := onServer("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	return addressOf(name)
}

// lend lends a kept database with the whole schema and nothing in it until the test
// ends.
func lend(t testing.TB) string {
	t.Helper()
	name, give, err := take(t.Context())
	if err != nil {
		t.Fatalf("a database of YANLU_TEST_POSTGRES: %v", err)
	}
	t.Cleanup(func() {
		if err := give(); err != nil {
			t.Error(err)
		}
	})
	return addressOf(name)
}

// take locks the first kept database that nobody has, on a connection that give ends.
func take(ctx context.Context) (name string, give func() error, err error) {
	prefix, err := keptPrefix()
	if err != nil {
		return "", nil, err
	}
	admin, err := sql.Open("pgx", server())
	if err != nil {
		return "", nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, admin.Close())
		}
	}()
	admin.SetMaxOpenConns(1) // which holds the lock
	for n := range most {
		name = fmt.Sprint(prefix, n)
		var free bool
		if err := admin.QueryRowContext(ctx, "SELECT pg_try_advisory_lock(hashtext($1))", name).Scan(&free); err != nil {
			return "", nil, err
		}
		if free {
			return name, admin.Close, prepare(ctx, admin, name)
		}
	}
	return "", nil, fmt.Errorf("%d are in use", most)
}

// keptPrefix begins the names of the databases that are kept for these migrations. It
// drops those of others, once.
var keptPrefix = sync.OnceValues(func() (string, error) {
	sum, err := store.MigrationsSum()
	if err != nil {
		return "", err
	}
	prefix := "yanlu_test_" + sum + "_"
	return prefix, dropOthers(context.Background(), prefix)
})

func dropOthers(ctx context.Context, prefix string) error {
	admin, err := sql.Open("pgx", server())
	if err != nil {
		return err
	}
	defer func() { _ = admin.Close() }()
	admin.SetMaxOpenConns(1)
	var names string
	err = admin.QueryRowContext(ctx, `SELECT coalesce(string_agg(datname, ' '), '') FROM pg_database
		WHERE datname LIKE 'yanlu\_test\_%' AND NOT starts_with(datname, $1)`, prefix).Scan(&names)
	if err != nil {
		return err
	}
	for _, name := range strings.Fields(names) {
		var free bool
		if err := admin.QueryRowContext(ctx, "SELECT pg_try_advisory_lock(hashtext($1))", name).Scan(&free); err != nil {
			return err
		}
		if free {
			_, _ = admin.ExecContext(ctx, "DROP DATABASE IF EXISTS "+name) // one that another drops meanwhile is no fault
		}
	}
	return nil
}

// prepare sees to it that a database is there, has our schema as it was made, and is
// empty.
func prepare(ctx context.Context, admin *sql.DB, name string) error {
	var made string // the schema as it was made
	err := admin.QueryRowContext(ctx, "SELECT coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database WHERE datname = $1", name).Scan(&made)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if made != "" {
		now, err := empty(ctx, name)
		if err == nil && now == made {
			return nil
		}
	}
	if _, err := admin.ExecContext(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
		return err
	}
	if _, err := admin.ExecContext(ctx, "CREATE DATABASE "+name); err != nil {
		return err
	}
	if err := migrate(addressOf(name)); err != nil {
		return err
	}
	made, err = empty(ctx, name)
	if err != nil {
		return err
	}
	_, err = admin.ExecContext(ctx, "COMMENT ON DATABASE "+name+" IS '"+made+"'")
	return err
}

// empty ends what else works in a database, empties its tables, and returns a sum of
// its schema.
func empty(ctx context.Context, name string) (schema string, err error) {
	db, err := sql.Open("pgx", addressOf(name))
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"); err != nil {
		return "", err
	}
	// Most tables of most tests are empty, and TRUNCATE makes new files for each.
	_, err = db.ExecContext(ctx, `DO $$
		DECLARE
			t text;
			used text := '';
			has_rows boolean;
		BEGIN
			FOR t IN SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'goose_db_version' LOOP
				EXECUTE 'SELECT EXISTS (SELECT 1 FROM ' || t || ')' INTO has_rows;
				IF has_rows THEN
					used := used || ', ' || t;
				END IF;
			END LOOP;
			IF used <> '' THEN
				EXECUTE 'TRUNCATE ' || substr(used, 3) || ' RESTART IDENTITY CASCADE';
			END IF;
		END $$`)
	if err != nil {
		return "", err
	}
	err = db.QueryRowContext(ctx, `SELECT coalesce(md5(string_agg(name, ',' ORDER BY name)), '') FROM (
		SELECT 'class ' || relname || ' ' || relkind::text AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace
		UNION ALL SELECT 'column ' || attrelid::regclass || '.' || attname || ' ' || atttypid::regtype || attnotnull
			FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'public'::regnamespace AND attnum > 0
		UNION ALL SELECT 'constraint ' || conname || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
		UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal
		UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
		UNION ALL SELECT 'migration ' || id || ' ' || version_id || is_applied FROM goose_db_version
	) AS parts`).Scan(&schema)
	return schema, err
}

// addressOf is the address of a database on the server.
func addressOf(database string) string {
	u, err := url.Parse(server())
	if err != nil {
		return server() // opening it will say what is wrong
	}
	u.Path = "/" + database
	// What a test writes need not outlast a crash of the server.
	q := u.Query()
	q.Set("synchronous_commit", "off")
	u.RawQuery = q.Encode()
	return u.String()
}

func onServer(statement string) error {
	db, err := sql.Open("pgx", server())
	if err != nil {
		return err
	}
	_, err = db.ExecContext(context.Background(), statement)
	return errors.Join(err, db.Close())
}
