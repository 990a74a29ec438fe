package account_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yanlu/internal/account"
	"yanlu/internal/app/apptest"
	"yanlu/internal/member"
)

// rows returns what a query finds, one line for each row.
func rows(w *apptest.World, query string, args ...any) []string {
	w.T.Helper()
	found, err := w.DB.Gorm(w.T.Context()).Raw(query, args...).Rows()
	if err != nil {
		w.T.Fatal(err)
	}
	columns, err := found.Columns()
	if err != nil {
		w.T.Fatal(err)
	}
	lines := []string{}
	for found.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := found.Scan(into...); err != nil {
			w.T.Fatal(err)
		}
		lines = append(lines, fmt.Sprint(values...))
	}
	if err := errors.Join(found.Err(), found.Close()); err != nil {
		w.T.Fatal(err)
	}
	return lines
}

// TestNobodyReachesARosterOfAnotherInstitution holds that whoever may do
// everything at home is answered 404 abroad, and that nothing changes there.
func TestNobodyReachesARosterOfAnotherInstitution(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	w.Token(apptest.ForeignMember) // bound, so that there is something to unbind
	w.Token(apptest.ForeignAdmin)
	w.Token(apptest.Author)
	abroad := func() []string {
		var lines []string
		for _, table := range []string{"people", "appointments", "bindings", "invitations", "audit_entries"} {
			lines = append(lines, rows(w, "SELECT * FROM "+table+" WHERE institution_id = ? ORDER BY id", w.Other.ID)...)
		}
		return lines
	}
	before := abroad()
	for _, name := range []string{apptest.Admin, apptest.Staff} {
		for _, subject := range []string{apptest.ForeignMember, apptest.ForeignStaff, apptest.ForeignAdmin} {
			path := "/v1/people/" + w.Person(subject).ID
			wantCode(t, w.Get(name, path), http.StatusNotFound, member.ErrNotFound.Code)
			for _, action := range []string{"invite", "unbind", "suspend", "restore"} {
				wantCode(t, w.Post(name, path+"/"+action, nil), http.StatusNotFound, member.ErrNotFound.Code)
			}
			wantCode(t, w.Post(name, path+"/phone", map[string]any{"phone": "13800000099"}), http.StatusNotFound, member.ErrNotFound.Code)
		}
	}
	wantCode(t, w.Get(apptest.ForeignAdmin, "/v1/people/"+w.Person(apptest.Author).ID), http.StatusNotFound, member.ErrNotFound.Code)
	if diff := cmp.Diff(before, abroad()); diff != "" {
		t.Errorf("something changed abroad:\n%s", diff)
	}
	if n := number(w, "SELECT COUNT(*) FROM audit_entries"); n != 0 {
		t.Errorf("%d audit entries of what was refused", n)
	}
	w.Get(apptest.ForeignMember, "/v1/inbox").Want(t, http.StatusOK)
}

// TestAListHasOnesOwnPeopleOnly holds it over every page.
func TestAListHasOnesOwnPeopleOnly(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	for name, institution := range map[string]string{apptest.Admin: w.County.ID, apptest.ForeignAdmin: w.Other.ID} {
		var got []string
		after := ""
		for {
			var p struct {
				Items []struct{ ID string }
				Next  string
			}
			w.Get(name, "/v1/people?limit=4&after="+after).Into(t, http.StatusOK, &p)
			for _, x := range p.Items {
				got = append(got, x.ID)
			}
			if after = p.Next; after == "" {
				break
			}
		}
		var want []string
		if err := w.DB.Gorm(t.Context()).Raw("SELECT id FROM people WHERE institution_id = ? ORDER BY id", institution).Scan(&want).Error; err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s lists %v, want %v", name, got, want)
		}
	}
}

// TestACountyCannotTakeOverAnAppointment plays the attack on a province: the
// county's administrator uses everything that the county may do to people.
func TestACountyCannotTakeOverAnAppointment(t *testing.T) {
	t.Parallel()
	foreign := func(w *apptest.World) string { return w.Phone(apptest.ForeignAdmin) }
	tests := map[string]func(t *testing.T, w *apptest.World, path string) (token string, want []string){
		"a number of the province on a county row binds the county row alone": func(t *testing.T, w *apptest.World, path string) (string, []string) {
			w.Token(apptest.ForeignAdmin) // the owner is bound, as in real life
			w.Post(apptest.Admin, path+"/phone", map[string]any{"phone": foreign(w)}).Want(t, http.StatusOK)
			token := w.LoginAs("second-telephone")
			w.Bind(token, "second-telephone", foreign(w)).Want(t, http.StatusCreated)
			return token, []string{w.County.Name}
		},
		"a number of one's own on a county row binds nothing of the province": func(t *testing.T, w *apptest.World, path string) (string, []string) {
			w.Post(apptest.Admin, path+"/phone", map[string]any{"phone": "13911111111"}).Want(t, http.StatusOK)
			token := w.LoginAs("telephone-of-the-administrator")
			w.Bind(token, "telephone-of-the-administrator", "13911111111").Want(t, http.StatusCreated)
			return token, []string{w.County.Name}
		},
		"the change of one's own number gives no appointment abroad": func(t *testing.T, w *apptest.World, _ string) (string, []string) {
			token := w.Token(apptest.Admin)
			w.Post(apptest.Admin, "/v1/people/"+w.Person(apptest.Admin).ID+"/phone", map[string]any{"phone": foreign(w)}).Want(t, http.StatusOK)
			wantCode(t, w.Bind(token, w.OpenID(apptest.Admin), "13800000031"), http.StatusUnprocessableEntity, account.ErrNoMatch.Code)
			return token, []string{w.County.Name}
		},
		"a number of the province is not bound by an invitation of the county": func(t *testing.T, w *apptest.World, path string) (string, []string) {
			w.Post(apptest.Admin, path+"/phone", map[string]any{"phone": foreign(w)}).Want(t, http.StatusOK)
			token := w.LoginAs("second-telephone")
			bindByCode(w, token, invite(w, apptest.Admin, w.Person(apptest.Author).ID)).Want(t, http.StatusCreated)
			return token, []string{w.County.Name}
		},
	}
	for name, attack := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := apptest.New(t)
			token, want := attack(t, w, "/v1/people/"+w.Person(apptest.Author).ID)
			m := meOf(w, token)
			var got []string
			for _, b := range m.Bindings {
				got = append(got, b.Institution)
			}
			if !slices.Equal(got, want) || m.Identity.InstitutionID != w.County.ID {
				t.Errorf("bound at %v, want %v", got, want)
			}
			if a := get(w, token, "/v1/people/"+w.Person(apptest.ForeignMember).ID); a.Status != http.StatusForbidden && a.Status != http.StatusNotFound {
				t.Errorf("the province's roster is read: %d", a.Status)
			}
			if n := number(w, "SELECT COUNT(*) FROM bindings WHERE person_id = ? AND account_id = (SELECT account_id FROM bindings WHERE id = ?)",
				w.Person(apptest.ForeignAdmin).ID, m.Bindings[0].ID); n != 0 {
				t.Error("the account has the appointment of the province")
			}
			var p struct{ Phone string }
			w.Get(apptest.ForeignAdmin, "/v1/people/"+w.Person(apptest.ForeignAdmin).ID).Into(t, http.StatusOK, &p)
			if p.Phone != "138****0043" {
				t.Errorf("the number in the province is %s", p.Phone)
			}
		})
	}
}

// TestWhoSitsInTwoBodiesIsUnboundInOne holds that neither body touches the
// binding of the other.
func TestWhoSitsInTwoBodiesIsUnboundInOne(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	hire(w, w.Other.ID, "同一人", w.Phone(apptest.Author), member.Leader)
	token := w.Token(apptest.Author)
	w.Post(apptest.Admin, "/v1/people/"+w.Person(apptest.Author).ID+"/unbind", nil).Want(t, http.StatusOK)
	m := meOf(w, token)
	if len(m.Bindings) != 1 || m.Bindings[0].Institution != w.Other.Name {
		t.Fatalf("bindings: %+v", m.Bindings)
	}
	post(w, token, "/v1/bindings/"+m.Bindings[0].ID+"/choose", nil).Want(t, http.StatusOK)
	get(w, token, "/v1/inbox").Want(t, http.StatusOK)
	if m := meOf(w, w.Login(apptest.Author)); m.Identity == nil || m.Identity.InstitutionID != w.Other.ID {
		t.Errorf("a new session wears %+v", m.Identity)
	}
	// The number still binds the row that is free, and only that.
	w.Bind(token, w.OpenID(apptest.Author), w.Phone(apptest.Author)).Want(t, http.StatusCreated)
	if m := meOf(w, token); len(m.Bindings) != 2 || m.Identity.InstitutionID != w.Other.ID {
		t.Errorf("bound again: %+v", m)
	}
}
