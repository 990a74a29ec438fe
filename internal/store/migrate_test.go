package store_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yanlu/internal/store"
	"yanlu/internal/store/storetest"
)

// schemaOf lists every table, column, constraint and index of a database, those
// of goose aside.
func schemaOf(t testing.TB, db *store.DB) []string {
	t.Helper()
	query := `SELECT type || ' ' || name || ' ' || COALESCE(sql, '') FROM sqlite_master
		WHERE tbl_name <> 'goose_db_version' AND name NOT LIKE 'sqlite_%'`
	if db.Postgres() {
		query = `SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable FROM information_schema.columns
				WHERE table_schema = 'public' AND table_name <> 'goose_db_version'
			UNION ALL SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
				WHERE connamespace = 'public'::regnamespace AND conrelid <> 0 AND conrelid::regclass::text <> 'goose_db_version'
			UNION ALL SELECT indexname || ' ' || indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'goose_db_version'
			UNION ALL SELECT 'sequence ' || sequencename FROM pg_sequences WHERE schemaname = 'public' AND sequencename NOT LIKE 'goose%'
			UNION ALL SELECT 'type ' || typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd')
			UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace`
	}
	var lines []string
	if err := db.Gorm(t.Context()).Raw(query).Scan(&lines).Error; err != nil {
		t.Fatal(err)
	}
	slices.Sort(lines)
	return lines
}

// steps returns the names of the migrations, and whether all, or none, have
// been applied.
func steps(t testing.TB, db *store.DB) (names []string, all, none bool) {
	t.Helper()
	rows, err := db.Migrations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all, none = true, true
	for _, r := range rows {
		names = append(names, r.Name)
		if !strings.HasPrefix(r.Name, fmt.Sprintf("%05d_", r.Version)) {
			t.Errorf("%s has version %d", r.Name, r.Version)
		}
		all, none = all && !r.Applied.IsZero(), none && r.Applied.IsZero()
	}
	return names, all, none
}

func wantState(t testing.TB, db *store.DB, migrated bool) {
	t.Helper()
	if err := db.Current(t.Context()); (err == nil) != migrated || err != nil && !errors.Is(err, store.ErrNotCurrent) {
		t.Errorf("current: %v; want migrated %t", err, migrated)
	}
	if names, all, none := steps(t, db); all != migrated || none == migrated || len(names) == 0 {
		t.Errorf("of %v all are applied: %t, none: %t; want migrated %t", names, all, none, migrated)
	}
}

// TestMigrationsGoUpDownAndUpAgain holds that the way back leaves nothing, and
// the way up always ends at the same schema.
func TestMigrationsGoUpDownAndUpAgain(t *testing.T) {
	t.Parallel()
	db := open(t, storetest.Empty(t), 4)
	wantState(t, db, false)
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	first := schemaOf(t, db)
	wantState(t, db, true)
	if err := db.Migrate(t.Context()); err != nil {
		t.Errorf("up when there is nothing to do: %v", err)
	}
	if err := db.Unmigrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantState(t, db, false)
	if left := schemaOf(t, db); len(left) > 0 {
		t.Errorf("the way down leaves %q", left)
	}
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantState(t, db, true)
	if diff := cmp.Diff(first, schemaOf(t, db)); diff != "" || len(first) == 0 {
		t.Errorf("the second way up ends elsewhere: %s", diff)
	}
}

// TestASchemaOfANewerProgramIsNotCurrent holds that an old program does not run
// on what a newer one has changed.
func TestASchemaOfANewerProgramIsNotCurrent(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	if err := db.Current(t.Context()); err != nil {
		t.Fatal(err)
	}
	write(t, db, func(tx *store.Tx) error {
		tx.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (?, ?)", 99999, true)
		return nil
	})
	if err := db.Current(t.Context()); !errors.Is(err, store.ErrNotCurrent) {
		t.Errorf("a schema that is newer: %v", err)
	}
}

// TestTheDialectsHaveTheSameMigrations holds that both folders have the same
// files, each with a number of its own, and that the program lists them.
func TestTheDialectsHaveTheSameMigrations(t *testing.T) {
	t.Parallel()
	folder := func(name string) []string {
		entries, err := os.ReadDir(filepath.Join("migrations", name))
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		numbered, seen := regexp.MustCompile(`^\d{5}_[a-z_]+\.sql$`), map[string]bool{}
		for _, e := range entries {
			names = append(names, e.Name())
			if !numbered.MatchString(e.Name()) || seen[e.Name()[:5]] {
				t.Errorf("%s/%s has no number of its own", name, e.Name())
			}
			seen[e.Name()[:5]] = true
		}
		return names
	}
	sqlite, postgres := folder("sqlite"), folder("postgres")
	if diff := cmp.Diff(sqlite, postgres); diff != "" {
		t.Errorf("SQLite and PostgreSQL have other files: %s", diff)
	}
	listed, _, _ := steps(t, storetest.Open(t))
	if diff := cmp.Diff(sqlite, listed); diff != "" {
		t.Errorf("the program lists other migrations than the folder: %s", diff)
	}
}

// TestServersThatStartTogetherMigrateOnce holds for several servers on one
// PostgreSQL. A SQLite file has but one.
func TestServersThatStartTogetherMigrateOnce(t *testing.T) {
	t.Parallel()
	address := storetest.Empty(t)
	if strings.HasPrefix(address, "sqlite:") {
		t.Log("SQLite has one server")
		return
	}
	// Goose makes its own table first, and whoever is late there has nothing left
	// to do. So let that be there.
	first := open(t, address, 2)
	if err := errors.Join(first.Migrate(t.Context()), first.Unmigrate(t.Context())); err != nil {
		t.Fatal(err)
	}
	servers, errs := make([]*store.DB, 2), make([]error, 2)
	for i := range servers {
		servers[i] = open(t, address, 2)
	}
	var wg sync.WaitGroup
	for i, db := range servers {
		wg.Go(func() { errs[i] = db.Migrate(t.Context()) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	wantState(t, first, true)
}

// TestASQLiteFileServesOneProcess holds that a second process is refused while
// the first lives, and let in when it was killed.
func TestASQLiteFileServesOneProcess(t *testing.T) {
	t.Parallel()
	const variable = "YANLU_STORE_TEST_HOLD"
	if address := os.Getenv(variable); address != "" { // the other process
		open(t, address, 1)
		fmt.Println("open")
		select {} // until it is killed
	}
	if runtime.GOOS == "windows" {
		t.Log("there is no flock")
		return
	}
	address := "sqlite:" + filepath.Join(t.TempDir(), "data", "yanlu.db")
	first := open(t, address, 1)
	if _, err := store.Open(t.Context(), address, store.Options{}); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("opened a second time in one process: %v", err)
	}
	if err := first.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	write(t, first, func(tx *store.Tx) error { tx.Insert(newNote("a")); return nil })

	other := "sqlite:" + filepath.Join(t.TempDir(), "yanlu.db")
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestASQLiteFileServesOneProcess$")
	child.Env = append(os.Environ(), variable+"="+other)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "open\n" {
		t.Fatalf("the other process says %q, %v", line, err)
	}
	if _, err := store.Open(t.Context(), other, store.Options{}); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("opened while another process has it: %v", err)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // killed
	open(t, other, 1)
}

// TestOpenTellsWhatIsWrongWithoutThePassword holds for addresses that cannot be
// read and servers that do not answer.
func TestOpenTellsWhatIsWrongWithoutThePassword(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"", "mysql://u:topsecret@127.0.0.1/db", "sqlite", "file:x.db", "postgres://u:topsecret@127.0.0.1:1/db?connect_timeout=2",
		"postgres://u:topsecret@127.0.0.1:port/db", "postgres://u:topsecret@%zz/db", "postgresql://u:topsecret@127.0.0.1:1/db?sslmode=nonsense",
		"postgres://u:top%secret@127.0.0.1:1/db",
	} {
		db, err := store.Open(t.Context(), address, store.Options{})
		if err == nil {
			t.Errorf("%q was opened: %v", address, db)
			continue
		}
		if strings.Contains(err.Error(), "topsecret") || strings.Contains(err.Error(), "top%secret") {
			t.Errorf("the error has the password: %v", err)
		}
	}
}
