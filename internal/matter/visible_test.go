package matter_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yanlu/internal/app/apptest"
	"yanlu/internal/calendar"
	"yanlu/internal/handling"
	"yanlu/internal/matter"
	"yanlu/internal/store"
)

// meetAll ends every deadline, so that one fault is told once.
func meetAll(tx *store.Tx) error {
	tx.Exec("UPDATE deadlines SET met_at = started_at WHERE met_at IS NULL")
	return nil
}

// everybody of the world, with what they are by its roster.
var (
	officials = []string{apptest.Staff, apptest.ProposalStaff, apptest.Leader}
	members   = []string{apptest.Author, apptest.CoAuthor, apptest.OtherMember, apptest.Suspended}
	foreign   = []string{apptest.ForeignStaff, apptest.ForeignMember, apptest.ForeignAdmin}
	people    = slices.Concat(officials, members, foreign, handlers, []string{apptest.Admin})
)

// scatter hands in matters at random and scatters co-authors, units and
// visibilities over them.
func scatter(w *apptest.World, r *rand.Rand, n int) {
	w.T.Helper()
	for range n {
		s := newWalk(w)
		author := append([]string{apptest.ForeignMember}, members...)[r.IntN(5)]
		s.submit(author)
		if author != apptest.ForeignMember && r.IntN(2) == 0 {
			s.accept()
			if units := r.Perm(3)[:r.IntN(4)]; len(units) > 0 {
				s.dispatch(0, units...)
			}
		}
		w.Write(func(tx *store.Tx) error {
			if r.IntN(4) == 0 {
				tx.Exec("UPDATE matters SET visibility = 'MEMBERS' WHERE id = ?", s.id)
			}
			for i, name := range members[:r.IntN(3)] {
				id := w.Person(name).ID
				if name == author || author == apptest.ForeignMember {
					continue
				}
				tx.Insert(&matter.Author{
					MatterID: s.id, Ordinal: i + 2, InstitutionID: w.County.ID, Role: matter.Co, PersonID: &id,
					Consent: []matter.Consent{matter.Given, matter.Asked, matter.Declined}[r.IntN(3)], Name: name, Term: 11,
				})
			}
			return nil
		})
	}
}

// sees tells, from the rules of the design alone, whether somebody may see a
// matter: the office and leaders all of theirs, members what is theirs or for
// all members, units what they handle.
func (r rowsOf) sees(w *apptest.World, name string, m matter.Matter) bool {
	if m.InstitutionID != w.Person(name).InstitutionID {
		return false
	}
	if slices.Contains(officials, name) || name == apptest.ForeignStaff {
		return true
	}
	isMember := slices.Contains(members, name) || name == apptest.ForeignMember
	if isMember && m.Visibility == matter.Members {
		return true
	}
	if n := slices.Index(handlers, name); n >= 0 && slices.ContainsFunc(r.assignments, func(a handling.Assignment) bool {
		return a.MatterID == m.ID && a.UnitID == w.Units[n].ID
	}) {
		return true
	}
	return slices.ContainsFunc(r.authors, func(a matter.Author) bool {
		return a.MatterID == m.ID && a.Is(w.Person(name).ID) && a.Consent != matter.Declined
	})
}

// listed follows the pages of a list to its end.
func listed(w *apptest.World, name string) []string {
	w.T.Helper()
	var ids []string
	for after := ""; ; {
		var page struct {
			Items []struct{ ID string }
			Next  string
		}
		w.Get(name, "/v1/suggestions?limit=4&after="+url.QueryEscape(after)).Into(w.T, http.StatusOK, &page)
		for _, x := range page.Items {
			ids = append(ids, x.ID)
		}
		if after = page.Next; after == "" || len(ids) > 1000 {
			return ids
		}
	}
}

// answer is what tells one answer from another: status and code.
func answer(a apptest.Answer) string { return fmt.Sprint(a.Status, " ", a.Code()) }

// TestListReadAndActAgreeOnWhoSees holds for everybody over matters at random:
// the list has just what the rules let them see, reading answers 404 to the
// rest, and to an act what may not be seen answers as what there is not.
func TestListReadAndActAgreeOnWhoSees(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	scatter(w, rand.New(rand.NewPCG(5, 6)), 14)
	r := read(w)
	if len(r.assignments) == 0 || len(r.authors) == len(r.matters) {
		t.Fatal("the matters are too much alike")
	}
	accept := map[string]any{"version": 1 << 30, "route": "DIRECT_UNIT"}
	sign := map[string]any{"version": 1 << 30, "handler_name": "经办人", "handler_phone": "0991-5550101"}
	saw := map[bool]int{}
	for _, name := range people {
		var want []string
		nowhere := store.NewID()
		notThere := answer(w.Post(name, "/v1/suggestions/"+nowhere+"/accept", accept))
		for _, m := range slices.Backward(r.matters) {
			sees := r.sees(w, name, m)
			saw[sees]++
			if sees {
				want = append(want, m.ID)
			}
			status := http.StatusNotFound
			if sees {
				status = http.StatusOK
			}
			if a := w.Get(name, "/v1/suggestions/"+m.ID); a.Status != status {
				t.Errorf("%s reads %s: %d, want %d", name, m.ID, a.Status, status)
			}
			switch got := answer(w.Post(name, "/v1/suggestions/"+m.ID+"/accept", accept)); {
			case !sees && got != notThere:
				t.Errorf("%s acts on %s, which they may not see: %s, and on what there is not: %s", name, m.ID, got, notThere)
			case sees && got == "404 matter.not_found":
				t.Errorf("%s acts on %s, which they may see: %s", name, m.ID, got)
			}
		}
		if diff := cmp.Diff(want, listed(w, name)); diff != "" {
			t.Errorf("the list of %s: %s", name, diff)
		}

		notThere = answer(w.Post(name, "/v1/assignments/"+nowhere+"/sign_for", sign))
		for _, a := range r.assignments {
			n := slices.Index(handlers, name)
			sees := slices.Contains(officials, name) || n >= 0 && w.Units[n].ID == a.UnitID
			switch got := answer(w.Post(name, "/v1/assignments/"+a.ID+"/sign_for", sign)); {
			case !sees && got != notThere:
				t.Errorf("%s signs for another's assignment: %s, and for what there is not: %s", name, got, notThere)
			case sees && got == "404 handling.not_found":
				t.Errorf("%s may see assignment %s: %s", name, a.ID, got)
			}
		}
	}
	if saw[true] < 20 || saw[false] < 20 {
		t.Errorf("seen and not seen were %v: too few to say anything", saw)
	}
	if diff := cmp.Diff(r, read(w), cmp.AllowUnexported(rowsOf{}), cmp.Comparer(func(a, b calendar.Day) bool { return a == b }), cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })); diff != "" {
		t.Errorf("acts that were refused changed something: %s", diff)
	}
}

// TestTheQueueShowsOnlyWhatMayBeSeen holds that whoever is waited for may open
// the matter, and that no other's task is shown.
func TestTheQueueShowsOnlyWhatMayBeSeen(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	scatter(w, rand.New(rand.NewPCG(7, 8)), 10)
	r := read(w)
	shown := map[string]int{}
	for _, name := range people {
		var page struct {
			Items []struct {
				MatterID string `json:"matter_id"`
				Todo     string
			}
			Next string
		}
		a := w.Get(name, "/v1/work?limit=100")
		a.Want(t, http.StatusOK)
		if err := json.Unmarshal(a.Body, &page); err != nil || page.Next != "" {
			t.Fatal(err, page.Next)
		}
		for _, task := range page.Items {
			shown[task.MatterID]++
			i := slices.IndexFunc(r.matters, func(m matter.Matter) bool { return m.ID == task.MatterID })
			if !r.sees(w, name, r.matters[i]) {
				t.Errorf("%s has the task %s of a matter that they may not see", name, task.Todo)
			}
			w.Get(name, "/v1/suggestions/"+task.MatterID).Want(t, http.StatusOK)
		}
	}
	for _, x := range r.waiting {
		if shown[x.MatterID] == 0 {
			t.Errorf("nobody has the task %s of %s", x.Label, x.Holder)
		}
	}
}
