package audit_test

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"yanlu/internal/app/apptest"
	"yanlu/internal/audit"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

var testKey = []byte("audit-key-of-the-tests-32-bytes!")

// book is a database with two institutions whose entries are recorded and sealed.
type book struct {
	*apptest.World
	s *audit.Service
	r *audit.Sealer
}

func newBook(t *testing.T) *book {
	t.Helper()
	return &book{World: apptest.New(t)}
}

// begin takes the program's own service and sealer.
func (b *book) begin(batch int) *book {
	b.s, b.r = b.Audit, audit.NewSealer(b.Audit, batch, b.Clock.Now)
	return b
}

// record writes n entries of the county, and one of the other institution.
func (b *book) record(n int) {
	b.T.Helper()
	b.Write(func(tx *store.Tx) error {
		actor := member.Actor{
			InstitutionID: b.County.ID, PersonID: b.Person(apptest.Staff).ID, AccountID: store.NewID(),
			Held: []member.Held{{Role: member.InfoStaff}, {Role: member.Leader}, {Role: member.InfoStaff}},
		}
		for range n {
			b.Audit.Record(tx, b.Clock.Now(), audit.By(actor, audit.Act, "member.suspend").On("person", b.Person(apptest.Author).ID))
		}
		actor.InstitutionID = b.Other.ID
		b.Audit.Record(tx, b.Clock.Now(), audit.By(actor, audit.Look, "member.read").For(b.Person(apptest.ForeignMember).ID))
		return nil
	})
}

func (b *book) seal() {
	b.T.Helper()
	for more := true; more; {
		var err error
		if more, err = b.r.Step(b.T.Context()); err != nil {
			b.T.Fatal(err)
		}
	}
}

func (b *book) exec(sql string, args ...any) {
	b.T.Helper()
	b.Write(func(tx *store.Tx) error { tx.Exec(sql, args...); return nil })
}

func (b *book) verify(kept ...audit.Head) audit.Report {
	b.T.Helper()
	r, err := b.s.Verify(b.T.Context(), kept)
	if err != nil {
		b.T.Fatal(err)
	}
	return r
}

func (b *book) at(seq int64) audit.Entry {
	b.T.Helper()
	var e audit.Entry
	if err := b.DB.Gorm(b.T.Context()).Where("institution_id = ? AND seq = ?", b.County.ID, seq).First(&e).Error; err != nil {
		b.T.Fatal(err)
	}
	return e
}

// TestWhatWasNotTouchedIsWhole holds that entries are sealed batch by batch, each
// institution by itself, and that what waits for the sealer is no flaw.
func TestWhatWasNotTouchedIsWhole(t *testing.T) {
	t.Parallel()
	b := newBook(t).begin(7)
	if r := b.verify(); len(r.Flaws) > 0 || r.Chains != 0 {
		t.Errorf("an empty audit: %+v", r)
	}
	b.record(20)
	if r := b.verify(); len(r.Flaws) > 0 || r.Sealed != 0 || r.Unsealed != 21 {
		t.Errorf("before it is sealed: %+v", r)
	}
	b.seal()
	b.record(3)
	b.seal()
	b.record(1)
	if r := b.verify(); len(r.Flaws) > 0 || r.Chains != 2 || r.Sealed != 25 || r.Unsealed != 2 {
		t.Errorf("after: %+v", r)
	}
	if e := b.at(1); e.Roles != "INFO_STAFF,LEADER" {
		t.Errorf("roles %q", e.Roles)
	}
}

// tampering is one way to lie, and the words by which Verify must name it.
type tampering struct {
	do   func(b *book)
	want string // without identifiers
	seq  int64
}

func tamperings() map[string]tampering {
	column := func(set string, args ...any) func(*book) {
		return func(b *book) { b.exec("UPDATE audit_entries SET "+set+" WHERE id = ?", append(args, b.at(5).ID)...) }
	}
	const changed = "was changed, or was not written by this program"
	forged := func(b *book) audit.Entry {
		e := b.at(5)
		e.ID, e.Seq, e.Link = store.NewID(), nil, nil
		return e
	}
	insert := func(b *book, e audit.Entry) {
		b.Write(func(tx *store.Tx) error { tx.Insert(&e); return nil })
	}
	old := func(b *book) audit.Chain {
		var c audit.Chain
		if err := b.DB.Gorm(b.T.Context()).Where("institution_id = ?", b.County.ID).First(&c).Error; err != nil {
			b.T.Fatal(err)
		}
		return c
	}
	back := func(b *book, c audit.Chain) { // the chain's row as it was
		b.exec("UPDATE audit_chains SET sealed = ?, head = ?, sealed_at = ?, mac = ? WHERE institution_id = ?", c.Sealed, c.Head, c.SealedAt, c.Mac, c.InstitutionID)
	}
	return map[string]tampering{
		"another person":      {column("person_id = ?", store.NewID()), changed, 5},
		"nobody":              {column("person_id = NULL"), changed, 5},
		"another role":        {column("roles = 'LEADER'"), changed, 5},
		"another act":         {column("action = 'member.read'"), changed, 5},
		"another kind":        {column("kind = 'LOOK'"), changed, 5},
		"another subject":     {column("subject_id = ?", store.NewID()), changed, 5},
		"another type":        {column("subject_type = 'unit'"), changed, 5},
		"recorded for others": {column("acted_for = ?", store.NewID()), changed, 5},
		"another account":     {column("account_id = NULL"), changed, 5},
		"another time":        {func(b *book) { b.exec("UPDATE audit_entries SET at = ? WHERE id = ?", b.Clock.Now(), b.at(5).ID) }, changed, 5},
		"another mac":         {column("mac = ?", []byte("mac")), changed, 5},
		"another link":        {column("link = ?", []byte("link")), "does not follow the entry before it", 5},
		"to another institution": {func(b *book) {
			b.exec("UPDATE audit_entries SET institution_id = ?, seq = 99 WHERE id = ?", b.Other.ID, b.at(5).ID)
		}, "the entry of this place is missing", 5},
		"an entry in the middle is gone": {func(b *book) { b.exec("DELETE FROM audit_entries WHERE id = ?", b.at(5).ID) }, "the entry of this place is missing", 5},
		"two in the middle are gone": {func(b *book) {
			b.exec("DELETE FROM audit_entries WHERE id IN (?, ?)", b.at(5).ID, b.at(6).ID)
		}, "the entries from here to place 6 are missing", 5},
		"the first is gone": {func(b *book) { b.exec("DELETE FROM audit_entries WHERE id = ?", b.at(1).ID) }, "the entry of this place is missing", 1},
		"one is gone and the next moved up": {func(b *book) {
			last := b.at(10).ID
			b.exec("DELETE FROM audit_entries WHERE id = ?", b.at(5).ID)
			b.exec("UPDATE audit_entries SET seq = 5 WHERE id = ?", last)
		}, "does not follow the entry before it", 5},
		"two changed places": {func(b *book) {
			x, y := b.at(5), b.at(6)
			b.exec("UPDATE audit_entries SET seq = 1000 WHERE id = ?", x.ID)
			b.exec("UPDATE audit_entries SET seq = 5, link = ? WHERE id = ?", x.Link, y.ID)
			b.exec("UPDATE audit_entries SET seq = 6, link = ? WHERE id = ?", y.Link, x.ID)
		}, "does not follow the entry before it", 5},
		"a place taken twice": {func(b *book) {
			b.exec("DROP INDEX audit_entries_chain")
			e := b.at(5)
			e.ID = store.NewID()
			insert(b, e)
		}, "stands in a place that is taken", 5},
		"the tail is cut": {func(b *book) {
			b.exec("DELETE FROM audit_entries WHERE institution_id = ? AND seq > 7", b.County.ID)
		}, "the entries from here to place 10 are missing", 8},
		"the tail is cut and the chain's row adjusted": {func(b *book) {
			b.exec("DELETE FROM audit_entries WHERE institution_id = ? AND seq > 7", b.County.ID)
			b.exec("UPDATE audit_chains SET sealed = 7, head = ? WHERE institution_id = ?", b.at(7).Link, b.County.ID)
		}, "the row of the chain was changed", 0},
		"the tail is cut and the chain's row put back": {func(b *book) {
			c := old(b)
			b.record(4)
			b.seal()
			b.exec("DELETE FROM audit_entries WHERE institution_id = ? AND seq > 10", b.County.ID)
			back(b, c)
		}, "the chains have 13 entries where they had 17", 0},
		"a chain is gone with its entries": {func(b *book) {
			b.exec("DELETE FROM audit_entries WHERE institution_id = ?", b.Other.ID)
			b.exec("DELETE FROM audit_chains WHERE institution_id = ?", b.Other.ID)
		}, "there are 1 chains where there were 2", 0},
		"a chain's row is gone":                    {func(b *book) { b.exec("DELETE FROM audit_chains WHERE institution_id = ?", b.County.ID) }, "there are 1 chains where there were 2", 0},
		"the totals are gone":                      {func(b *book) { b.exec("DELETE FROM audit_totals") }, "the row of totals is missing", 0},
		"the totals are changed":                   {func(b *book) { b.exec("UPDATE audit_totals SET sealed = sealed - 1") }, "the row of totals was changed", 0},
		"a forged entry that waits for the sealer": {func(b *book) { insert(b, forged(b)) }, changed, 0},
		"a forged entry behind the chain": {func(b *book) {
			e, n := forged(b), int64(11)
			e.Seq, e.Link = &n, []byte("link")
			insert(b, e)
		}, "stands outside of the chain", 11},
		"a forged entry that was sealed": {func(b *book) { insert(b, forged(b)); b.seal() }, changed, 11},
	}
}

// TestTamperingIsFound holds that each way to lie is named at its first place.
func TestTamperingIsFound(t *testing.T) {
	t.Parallel()
	for name, test := range tamperings() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBook(t).begin(4)
			b.record(10)
			b.seal()
			b.record(0) // of the other institution, so that the chains differ in length
			b.seal()
			if r := b.verify(); len(r.Flaws) > 0 {
				t.Fatalf("before: %v", r.Flaws)
			}
			test.do(b)
			r := b.verify()
			if len(r.Flaws) == 0 {
				t.Fatal("nothing is found")
			}
			if !slices.ContainsFunc(r.Flaws, func(f audit.Flaw) bool { return strings.Contains(f.Text, test.want) && f.Seq == test.seq }) {
				t.Errorf("found %q, want %q at %d", r.Flaws, test.want, test.seq)
			}
			if s := fmt.Sprint(r.Flaws); strings.Contains(s, "138000") || strings.Contains(s, apptest.Staff) {
				t.Errorf("personal data in %s", s)
			}
		})
	}
}

// TestAnOlderStateIsFoundByAHeadThatWasKept holds what the database alone cannot
// tell: everything put back to an earlier day is whole by itself.
func TestAnOlderStateIsFoundByAHeadThatWasKept(t *testing.T) {
	t.Parallel()
	b := newBook(t).begin(100)
	b.record(5)
	b.seal()
	early, err := b.s.Heads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tables := []string{"audit_entries", "audit_chains", "audit_totals"}
	for _, table := range tables {
		b.exec("CREATE TABLE old_" + table + " AS SELECT * FROM " + table)
	}
	b.record(3)
	b.seal()
	late, err := b.s.Heads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if r := b.verify(append(early, late...)...); len(r.Flaws) > 0 {
		t.Errorf("with its own heads: %v", r.Flaws)
	}
	for _, table := range tables {
		b.exec("DELETE FROM " + table)
		b.exec("INSERT INTO " + table + " SELECT * FROM old_" + table)
	}
	if r := b.verify(early...); len(r.Flaws) > 0 {
		t.Errorf("put back, by itself: %v", r.Flaws)
	}
	var text strings.Builder
	for _, h := range late {
		fmt.Fprintln(&text, h)
	}
	kept, err := audit.ParseHeads(strings.NewReader("# kept on paper\n\n" + text.String()))
	if err != nil || len(kept) != 2 {
		t.Fatalf("%v, %v", kept, err)
	}
	if r := b.verify(kept...); len(r.Flaws) != 2 || !strings.Contains(r.Flaws[0].Text, "no longer reaches to the head that was kept") {
		t.Errorf("put back, with the heads: %v", r.Flaws)
	}
	// Gone on with differently, it reaches the place but not the link.
	b.record(3)
	b.seal()
	if r := b.verify(kept...); len(r.Flaws) != 2 || !strings.Contains(r.Flaws[0].Text, "is not the head that was kept") {
		t.Errorf("gone on with, with the heads: %v", r.Flaws)
	}
	for _, bad := range []string{"x 1 00", early[0].InstitutionID + " 0 00", early[0].InstitutionID + " 1 zz", early[0].InstitutionID} {
		if _, err := audit.ParseHeads(strings.NewReader(bad)); err == nil {
			t.Errorf("%q is taken for a head", bad)
		}
	}
}

// TestABrokenChainIsNotGoneOnWith holds that the sealer does not cover traces:
// it leaves the chain, says so once, and seals the others.
func TestABrokenChainIsNotGoneOnWith(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		do     func(b *book)
		others bool // are sealed
	}{
		"the row of a chain was changed": {func(b *book) {
			b.exec("UPDATE audit_chains SET sealed = sealed - 1 WHERE institution_id = ?", b.County.ID)
		}, true},
		"the row of a chain is gone": {func(b *book) { b.exec("DELETE FROM audit_chains WHERE institution_id = ?", b.County.ID) }, true},
		"the totals were changed":    {func(b *book) { b.exec("UPDATE audit_totals SET sealed = 1") }, false},
		"the totals are gone":        {func(b *book) { b.exec("DELETE FROM audit_totals") }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBook(t).begin(3)
			b.record(5)
			b.seal()
			test.do(b)
			b.record(5)
			b.seal()
			b.seal()
			var waiting []string
			if err := b.DB.Gorm(t.Context()).Raw("SELECT DISTINCT institution_id FROM audit_entries WHERE seq IS NULL").Scan(&waiting).Error; err != nil {
				t.Fatal(err)
			}
			if want := map[bool]int{true: 1, false: 2}[test.others]; len(waiting) != want {
				t.Errorf("%d institutions are not sealed, want %d", len(waiting), want)
			}
			if n := strings.Count(b.Log.String(), "alarm=true"); n != 1 {
				t.Errorf("%d alarms:\n%s", n, b.Log)
			}
			if r := b.verify(); len(r.Flaws) == 0 {
				t.Error("it is found no more")
			}
		})
	}
}

// TestTwoSealersSealOnce holds that servers side by side, and acts meanwhile,
// make one chain.
func TestTwoSealersSealOnce(t *testing.T) {
	t.Parallel()
	b := newBook(t).begin(3)
	var wg sync.WaitGroup
	stop := make(chan struct{})
	defer wg.Wait()
	end := sync.OnceFunc(func() { close(stop) })
	defer end()
	for range 3 {
		r := audit.NewSealer(b.Audit, 3, b.Clock.Now)
		wg.Go(func() {
			for {
				if _, err := r.Step(t.Context()); err != nil {
					t.Error(err)
				}
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	for range 30 {
		b.record(2)
	}
	end()
	wg.Wait()
	b.seal()
	if r := b.verify(); len(r.Flaws) > 0 || r.Sealed != 90 || r.Unsealed != 0 {
		t.Errorf("%+v", r)
	}
}

// TestAnotherKeyIsRefused holds that nothing is written or verified under a key
// that is not the database's.
func TestAnotherKeyIsRefused(t *testing.T) {
	t.Parallel()
	b := newBook(t).begin(10)
	other, err := audit.New(b.DB, testKey, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := other.CheckKey(t.Context()); !errors.Is(err, audit.ErrKey) {
		t.Errorf("%v", err)
	}
	if err := b.s.CheckKey(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := audit.New(b.DB, testKey[1:], nil); err == nil {
		t.Error("a short key is taken")
	}
	if s := fmt.Sprintf("%v %+v %#v", other, *other, other); strings.Contains(s, "audit-key") {
		t.Errorf("the key is printed: %s", s)
	}
}

// TestVerifyIsBounded holds that a chain longer than a page is walked to its end.
func TestVerifyIsBounded(t *testing.T) {
	t.Parallel()
	b := newBook(t).begin(1500)
	b.record(2345)
	b.seal()
	if r := b.verify(); len(r.Flaws) > 0 || r.Sealed != 2346 {
		t.Errorf("%+v", r)
	}
	b.exec("UPDATE audit_entries SET subject_type = 'x' WHERE id = ?", b.at(2222).ID)
	if r := b.verify(); len(r.Flaws) != 1 || r.Flaws[0].Seq != 2222 {
		t.Errorf("%+v", r)
	}
}

// TestATrailNamesWhatIsDone holds that one entry is kept of each subject, and
// whose act was recorded.
func TestATrailNamesWhatIsDone(t *testing.T) {
	t.Parallel()
	audit.About(t.Context(), "person", "x") // outside of an operation: nothing
	audit.ActedFor(t.Context(), "x")
	ctx, trail := audit.WithTrail(t.Context())
	e := audit.By(member.Actor{PersonID: store.NewID()}, audit.Act, "x.do")
	if got := trail.Entries(e, "matter", "m"); len(got) != 1 || got[0].SubjectType != "matter" || *got[0].SubjectID != "m" || got[0].ActedFor != nil {
		t.Errorf("without a word: %+v", got)
	}
	who := store.NewID()
	audit.ActedFor(ctx, "nobody")
	audit.ActedFor(ctx, who)
	audit.About(ctx, "person", "a", "b")
	got := trail.Entries(e, "matter", "m")
	if len(got) != 2 || *got[0].SubjectID != "a" || *got[1].SubjectID != "b" || *got[1].ActedFor != who || got[1].SubjectType != "person" {
		t.Errorf("with words: %+v", got)
	}
}
