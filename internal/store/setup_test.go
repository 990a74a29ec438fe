package store_test

import (
	"context"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yanlu/internal/calendar"
	"yanlu/internal/institution"
	"yanlu/internal/store"
)

// note is a row of a table without foreign keys, which tests of transactions
// fill as they like.
type note struct {
	ID string `gorm:"primaryKey"`
	At time.Time
}

func (note) TableName() string { return "platform_events" }

var start = time.Date(2026, time.March, 3, 2, 0, 0, 0, time.UTC)

func newNote(id string) *note { return &note{ID: id, At: start} }

// open opens a database again, or first, with a pool of n.
func open(t testing.TB, address string, n int) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), address, store.Options{MaxOpenConns: n})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// write runs fn in a transaction that must succeed.
func write(t testing.TB, db *store.DB, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := db.Tx(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// notes returns the identifiers of the notes, in their order.
func notes(t testing.TB, db *store.DB) []string {
	t.Helper()
	var ids []string
	if err := db.Gorm(t.Context()).Raw("SELECT id FROM platform_events ORDER BY id").Scan(&ids).Error; err != nil {
		t.Fatal(err)
	}
	return ids
}

func wantNotes(t testing.TB, db *store.DB, want ...string) {
	t.Helper()
	if got := notes(t, db); len(got) != len(want) || len(want) > 0 && !cmp.Equal(got, want) {
		t.Errorf("the table has %q, want %q", got, want)
	}
}

// fresh empties the tables that tests of transactions fill, so that the cases of
// one test share a database: on PostgreSQL making one takes its time.
func fresh(t testing.TB, db *store.DB) *store.DB {
	t.Helper()
	write(t, db, func(tx *store.Tx) error {
		tx.Exec("DELETE FROM platform_events")
		tx.Exec("DELETE FROM idempotency")
		return nil
	})
	return db
}

func newInstitution(t testing.TB, db *store.DB) institution.Institution {
	t.Helper()
	var i institution.Institution
	write(t, db, func(tx *store.Tx) error {
		i = institution.Add(tx, start, "言城县政协", institution.County, institution.SmallOffice, nil)
		return nil
	})
	return i
}

// alike compares values as databases keep them: times by the instant.
var alike = cmp.Options{
	cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) }),
	cmp.Comparer(func(a, b calendar.Day) bool { return a == b }),
}

// relay passes connections to PostgreSQL on and counts round trips: how often a
// client speaks again after the server has.
type relay struct{ trips atomic.Int64 }

// relayed opens a database with one connection, by way of a relay.
func relayed(t testing.TB, address string) (*store.DB, *relay) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server, r := u.Host, &relay{}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return // closed
			}
			wg.Go(func() { r.pass(client, server) })
		}
	})
	t.Cleanup(func() { // after the database has closed its connections
		_ = listener.Close()
		wg.Wait()
	})
	u.Host = listener.Addr().String()
	q := u.Query()
	q.Set("sslmode", "disable")
	u.RawQuery = q.Encode()
	return open(t, u.String(), 1), r
}

func (r *relay) pass(client net.Conn, address string) {
	defer func() { _ = client.Close() }()
	server, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", address)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	var asked atomic.Bool // the client spoke last
	var wg sync.WaitGroup
	wg.Go(func() {
		carry(server, client, func() {
			if !asked.Swap(true) {
				r.trips.Add(1)
			}
		})
		_ = server.Close()
	})
	wg.Go(func() {
		carry(client, server, func() { asked.Store(false) })
		_ = client.Close()
	})
	wg.Wait()
}

// carry copies until the end and calls seen before it hands on each piece.
func carry(to, from net.Conn, seen func()) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			seen()
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// of counts the round trips of do, after a first time that prepares its
// statements.
func (r *relay) of(do func(turn int)) int64 {
	do(0)
	before := r.trips.Load()
	do(1)
	return r.trips.Load() - before
}
