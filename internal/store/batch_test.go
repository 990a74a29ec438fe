package store_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"

	"yanlu/internal/account"
	"yanlu/internal/calendar"
	"yanlu/internal/institution"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/store"
	"yanlu/internal/store/storetest"
	"yanlu/internal/suggestion"
	"yanlu/internal/workflow"
)

// rows are some of each shape that columns have: NULL and not, times, days,
// bytes, truth values and numbers with a point.
type rows struct {
	institutions []institution.Institution
	units        []institution.Unit
	terms        []member.Term
	people       []member.Person
	appointments []member.Appointment
	accounts     []account.Account
	sessions     []account.Session
	matters      []matter.Matter
	events       []matter.Event
	suggestions  []suggestion.Suggestion
	holidays     []matter.Holiday
}

func pointer[T any](v T) *T { return &v }

func seeded(t testing.TB, db *store.DB) rows {
	t.Helper()
	var r rows
	at := time.Date(2026, time.March, 3, 2, 4, 5, 600_000, time.UTC) // 600 µs: three decimals end in zeros
	upper := institution.Institution{ID: store.NewID(), Name: "邻州政协", Level: institution.Prefecture, Profile: institution.Divided, CreatedAt: at}
	lower := institution.Institution{ID: store.NewID(), ParentID: &upper.ID, Name: "言城县政协", Level: institution.County, Profile: institution.SmallOffice, CreatedAt: at}
	r.institutions = []institution.Institution{upper, lower}
	r.units = []institution.Unit{{ID: store.NewID(), InstitutionID: lower.ID, Name: "水利局", Kind: institution.HandlingUnit, CreatedAt: at}}
	r.terms = []member.Term{{ID: store.NewID(), InstitutionID: lower.ID, Ordinal: 11, Begins: calendar.Date(2025, 1, 10), Ends: calendar.Date(2030, 1, 9)}}
	p := member.Person{ID: store.NewID(), InstitutionID: lower.ID, Name: "买买提·吐尔逊", StrokeKey: []byte{0x96, 0}, Version: 1, CreatedAt: at, UpdatedAt: at}
	q := p
	q.ID, q.Name, q.PhoneSealed, q.PhoneDigest, q.TermID, q.SuspendedAt = store.NewID(), "ཚེ་རིང་", []byte{0, 1, 0xff}, pointer("digest"), &r.terms[0].ID, pointer(at.Add(time.Microsecond))
	r.people = []member.Person{p, q}
	r.appointments = []member.Appointment{
		{ID: store.NewID(), InstitutionID: lower.ID, PersonID: p.ID, Role: member.Member, Begins: calendar.Date(2026, 2, 28), CreatedAt: at},
		{ID: store.NewID(), InstitutionID: lower.ID, PersonID: q.ID, Role: member.UnitHandler, UnitID: &r.units[0].ID, Begins: calendar.Date(2026, 1, 1), Ends: calendar.Date(2026, 12, 31), CreatedAt: at},
	}
	r.accounts = []account.Account{{ID: store.NewID(), OpenID: "openid", CreatedAt: at}}
	s := account.Session{ID: store.NewID(), AccountID: r.accounts[0].ID, TokenHash: "one", CreatedAt: at, SeenAt: at, ExpiresAt: at.Add(time.Hour), EndsAt: at.AddDate(1, 0, 0)}
	ended := s
	ended.ID, ended.TokenHash, ended.RevokedAt = store.NewID(), "two", pointer(at.Add(time.Second))
	r.sessions = []account.Session{s, ended}
	m := matter.Matter{ID: store.NewID(), InstitutionID: lower.ID, Kind: suggestion.Kind, Title: "修复路灯", Status: "SUBMITTED", Category: "CITY", Visibility: matter.Parties, Source: matter.FromApp, Version: 1, SubmittedAt: at, CreatedAt: at, UpdatedAt: at}
	n := m
	n.ID, n.Number, n.OriginID, n.Version, n.ClosedAt = store.NewID(), pointer("2026年第1号"), &m.ID, 1<<40, pointer(at)
	r.matters = []matter.Matter{m, n}
	for i, audience := range []workflow.Audience{workflow.Everyone, workflow.Office} {
		r.events = append(r.events, matter.Event{ID: store.NewID(), InstitutionID: lower.ID, MatterID: r.matters[i].ID, Action: "submit", ActorID: &p.ID, TypedBy: &q.ID, Audience: audience, ActedAt: at, RecordedAt: at})
	}
	r.suggestions = []suggestion.Suggestion{
		{MatterID: m.ID, InstitutionID: lower.ID, Body: "没有位置"},
		{MatterID: n.ID, InstitutionID: lower.ID, Body: "有位置\n“引号” ' \\ %", Latitude: pointer(43.80000000000001), Longitude: pointer(-0.5)},
	}
	r.holidays = []matter.Holiday{{InstitutionID: lower.ID, Day: calendar.Date(2026, 10, 1), Kind: calendar.Holiday, Name: "国庆节"}, {InstitutionID: lower.ID, Local: true, Day: calendar.Date(2026, 10, 10), Kind: calendar.Workday}}
	write(t, db, func(tx *store.Tx) error {
		tx.Insert(&r.institutions, &r.units, &r.terms, &r.people, &r.appointments, &r.accounts, &r.sessions)
		tx.Insert(&r.matters[0], &r.matters[1], &r.events, &r.suggestions, &r.holidays)
		return nil
	})
	return r
}

// reading is a query with what it finds.
type reading struct {
	add   func(*store.Batch) (into any)
	alone func(testing.TB, *store.DB) (into any)
	want  any
}

func finds[T any](want []T, sql string, args ...any) reading {
	return reading{
		want: &want,
		add: func(b *store.Batch) any {
			into := make([]T, 2, 3) // what is there before goes
			store.Read(b, &into, sql, args...)
			return &into
		},
		alone: func(t testing.TB, db *store.DB) any {
			var into []T
			if err := db.Gorm(t.Context()).Raw(sql, args...).Scan(&into).Error; err != nil {
				t.Fatal(err)
			}
			return &into
		},
	}
}

// readings are queries of every sort that pages use.
func readings(r rows) map[string]reading {
	type line struct {
		matter.Matter
		Body string
	}
	lines := []line{{r.matters[0], r.suggestions[0].Body}, {r.matters[1], r.suggestions[1].Body}}
	return map[string]reading{
		"all of a model":      finds(r.institutions, "SELECT * FROM institutions ORDER BY id"),
		"days":                finds(r.terms, "SELECT * FROM terms ORDER BY id"),
		"bytes":               finds(r.people, "SELECT * FROM people ORDER BY id"),
		"a day or none":       finds(r.appointments, "SELECT * FROM appointments ORDER BY id"),
		"a time or none":      finds(r.sessions, "SELECT * FROM sessions ORDER BY id"),
		"big numbers":         finds(r.matters, "SELECT * FROM matters ORDER BY id"),
		"truth values":        finds(r.events, "SELECT * FROM events ORDER BY id"),
		"coordinates or none": finds(r.suggestions, "SELECT * FROM suggestions ORDER BY matter_id"),
		"a day as a key": finds(r.holidays[:1], "SELECT * FROM holidays WHERE day BETWEEN ? AND ?",
			calendar.Date(2026, 10, 1), calendar.Date(2026, 10, 9)),
		"a list of values": finds(r.people[1:], "SELECT * FROM people WHERE id IN ? AND (institution_id = ? OR name = ?) LIMIT 5",
			[]string{r.people[1].ID, store.NewID()}, r.institutions[1].ID, "谁"),
		"a time as a value":           finds(r.sessions[1:], "SELECT * FROM sessions WHERE revoked_at >= ?", *r.sessions[1].RevokedAt),
		"a named word and a pointer":  finds(lines[1:], "SELECT m.*, s.body FROM matters m JOIN suggestions s ON s.matter_id = m.id WHERE m.origin_id = ? AND m.kind = ?", r.matters[1].OriginID, suggestion.Kind),
		"a join":                      finds(lines, "SELECT m.*, s.body FROM matters m JOIN suggestions s ON s.matter_id = m.id ORDER BY m.id"),
		"nothing":                     finds([]member.Person(nil), "SELECT * FROM people WHERE id = ?", store.NewID()),
		"one text with other numbers": finds([]member.Person(nil), "SELECT * FROM people WHERE id = ?", r.units[0].ID),
	}
}

// emptyIsNil compares an empty slice and none as the same.
var emptyIsNil = cmp.FilterValues(func(a, b []member.Person) bool { return len(a) == 0 && len(b) == 0 }, cmp.Ignore())

// TestABatchReadsWhatSingleQueriesRead holds, on each database, that a batch
// finds just what was written, as do the same queries one by one.
func TestABatchReadsWhatSingleQueriesRead(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	all, each := db.Batch(), map[string][2]any{}
	for name, r := range readings(seeded(t, db)) {
		each[name] = [2]any{r.add(all), r.want}
		t.Run(name+", alone", func(t *testing.T) {
			alone := db.Batch()
			into := r.add(alone)
			if err := alone.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(r.want, into, alike, emptyIsNil); diff != "" {
				t.Error(diff)
			}
		})
		t.Run(name+", without a batch", func(t *testing.T) {
			if diff := cmp.Diff(r.want, r.alone(t, db), alike, emptyIsNil); diff != "" {
				t.Error(diff)
			}
		})
	}
	if err := all.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, got := range each {
		if diff := cmp.Diff(got[1], got[0], alike, emptyIsNil); diff != "" {
			t.Errorf("%s, among others: %s", name, diff)
		}
	}
}

func TestAnEmptyBatchReadsNothing(t *testing.T) {
	t.Parallel()
	if err := storetest.Open(t).Batch().Run(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestAFailedBatchIsAnError holds that one query that fails fails the batch,
// whichever it is, and that the one connection is good for the next.
func TestAFailedBatchIsAnError(t *testing.T) {
	t.Parallel()
	db := open(t, storetest.Address(t), 1)
	write(t, db, func(tx *store.Tx) error { tx.Insert(newNote("a")); return nil })
	const good = "SELECT * FROM platform_events ORDER BY id"
	type query struct {
		sql  string
		args []any
	}
	cases := map[string]query{
		"an unknown column": {"SELECT * FROM platform_events WHERE colour = ?", []any{"red"}},
		"an unknown table":  {"SELECT * FROM nowhere", nil},
		"bad SQL":           {"SELECT FROM WHERE ?", []any{1}},
		// Found while it runs, not while it is prepared.
		"a bad value":               {"SELECT CAST(id AS integer) / 0 AS id FROM platform_events WHERE abs(-9223372036854775807 - 1) = 0", nil},
		"a value that does not fit": {"SELECT id, 'yesterday' AS at FROM platform_events", nil},
		"a mark too many":           {"SELECT * FROM platform_events WHERE id = ? AND id = ?", []any{"a"}},
	}
	for name, bad := range cases {
		for at := range 3 {
			b := db.Batch()
			found := make([][]note, 3)
			for i := range found {
				q := query{sql: good}
				if i == at {
					q = bad
				}
				store.Read(b, &found[i], q.sql, q.args...)
			}
			if err := b.Run(t.Context()); err == nil {
				t.Errorf("%s, number %d: no error", name, at)
			}
			again := db.Batch()
			store.Read(again, &found[0], good)
			if err := again.Run(t.Context()); err != nil || len(found[0]) != 1 {
				t.Errorf("after %s, number %d: %v, %v", name, at, found[0], err)
			}
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b := db.Batch()
	store.Read(b, new([]note), good)
	if err := b.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that ended: %v", err)
	}
}

// moments are times that sort wrongly as text where zeros are cut or zones
// differ.
func moments() []time.Time {
	var m []time.Time
	for _, base := range []time.Time{start, time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2099, 12, 31, 23, 59, 59, 0, time.UTC)} {
		for _, micros := range []int{0, 1, 9, 10, 99, 100, 120, 100_000, 110_000, 120_000, 999_999, 1_000_000, 60_000_000} {
			m = append(m, base.Add(time.Duration(micros)*time.Microsecond))
		}
	}
	return m
}

// TestTimesAreKeptToTheMicrosecondAndSort holds for each way on which a time
// reaches the database.
func TestTimesAreKeptToTheMicrosecondAndSort(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	want := moments()
	slices.SortFunc(want, time.Time.Compare)
	ways := map[string]func(tx *store.Tx, n note) error{
		"a row": func(tx *store.Tx, n note) error { tx.Insert(&n); return nil },
		"a statement": func(tx *store.Tx, n note) error {
			tx.Exec("INSERT INTO platform_events (id, at) VALUES (?, ?)", n.ID, n.At)
			return nil
		},
		"a map": func(tx *store.Tx, n note) error {
			tx.Insert(newNote(n.ID))
			return tx.Gorm(t.Context()).Table("platform_events").Where("id = ?", n.ID).Updates(map[string]any{"at": n.At}).Error
		},
		"raw SQL": func(tx *store.Tx, n note) error {
			return tx.Gorm(t.Context()).Exec("INSERT INTO platform_events (id, at) VALUES (?, ?)", n.ID, n.At).Error
		},
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			fresh(t, db)
			write(t, db, func(tx *store.Tx) error {
				for _, at := range slices.Backward(want) {
					if err := way(tx, note{store.NewID(), at}); err != nil {
						return err
					}
				}
				return nil
			})
			var got []note
			if err := db.Gorm(t.Context()).Order("at").Find(&got).Error; err != nil {
				t.Fatal(err)
			}
			for i, n := range got {
				if !n.At.Equal(want[i]) {
					t.Fatalf("number %d is %v, want %v", i, n.At, want[i])
				}
				var before int
				if err := db.Gorm(t.Context()).Raw("SELECT COUNT(*) FROM platform_events WHERE at < ?", want[i]).Scan(&before).Error; err != nil || before != i {
					t.Errorf("%d are before %v, want %d (%v)", before, want[i], i, err)
				}
			}
		})
	}
}

// TestMicroCutsToWhatDatabasesKeep holds that a time with a zone and
// nanoseconds comes back as the same instant after Micro.
func TestMicroCutsToWhatDatabasesKeep(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 3, 10, 0, 0, 123_456_789, time.FixedZone("", 8*60*60))
	got := store.Micro(at)
	if want := time.Date(2026, 3, 3, 2, 0, 0, 123_456_000, time.UTC); !got.Equal(want) || got.Location() != time.UTC {
		t.Errorf("Micro gives %v, want %v", got, want)
	}
	db := storetest.Open(t)
	write(t, db, func(tx *store.Tx) error { tx.Insert(&note{"a", got}); return nil })
	n, err := gorm.G[note](db.Gorm(t.Context())).First(t.Context())
	if err != nil || !n.At.Equal(got) {
		t.Errorf("it comes back as %v, %v", n.At, err)
	}
}

func TestIdentifiersGrow(t *testing.T) {
	t.Parallel()
	ids := make([]string, 1000)
	for i := range ids {
		ids[i] = store.NewID()
	}
	if !slices.IsSorted(ids) || len(slices.Compact(ids)) != 1000 {
		t.Error("identifiers do not follow the order in which they were made")
	}
}
