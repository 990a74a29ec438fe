package api_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"yanlu/internal/app/apptest"
	"yanlu/internal/audit"
	"yanlu/internal/calendar"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

// rosterActs are the actions on people, each on somebody for whom it works, with
// its name in the audit.
var rosterActs = map[string]struct {
	action string
	on     string
	body   any
	again  int // the status of the same under a new key
}{
	"member.phone":   {"phone", apptest.CoAuthor, map[string]any{"phone": "13800000099"}, http.StatusOK},
	"member.suspend": {"suspend", apptest.CoAuthor, nil, http.StatusOK},
	"member.restore": {"restore", apptest.Suspended, nil, http.StatusOK},
	"account.invite": {"invite", apptest.OtherMember, nil, http.StatusOK},
	"account.unbind": {"unbind", apptest.Author, nil, http.StatusNotFound},
}

// rosterWorld is a world whose author is bound and one of whose members is
// suspended.
func rosterWorld(t *testing.T) *apptest.World {
	t.Helper()
	w := apptest.New(t)
	w.Token(apptest.Admin)
	w.Token(apptest.Author)
	now := w.Clock.Now()
	w.Write(func(tx *store.Tx) error {
		tx.Exec("UPDATE people SET suspended_at = ? WHERE id = ?", now, w.Person(apptest.Suspended).ID)
		return nil
	})
	return w
}

func rosterCall(w *apptest.World, by, action, on string, body any) apptest.Call {
	return apptest.Call{
		Method: http.MethodPost, Path: "/v1/people/" + w.Person(on).ID + "/" + action, Token: w.Token(by), Body: body, Key: uuid.NewString(),
	}
}

func audited(w *apptest.World) []audit.Entry {
	w.T.Helper()
	var entries []audit.Entry
	if err := w.DB.Gorm(w.T.Context()).Raw("SELECT * FROM audit_entries ORDER BY id").Scan(&entries).Error; err != nil {
		w.T.Fatal(err)
	}
	return entries
}

func versionOf(w *apptest.World, name string) int64 {
	w.T.Helper()
	var v int64
	if err := w.DB.Gorm(w.T.Context()).Raw("SELECT version FROM people WHERE id = ?", w.Person(name).ID).Scan(&v).Error; err != nil {
		w.T.Fatal(err)
	}
	return v
}

// TestAnActOnAPersonIsDoneOnceUnderItsKey holds that a replay answers the same
// bytes, that the act and its audit entry are there once, and that the key is
// good for nothing else.
func TestAnActOnAPersonIsDoneOnceUnderItsKey(t *testing.T) {
	t.Parallel()
	for id, x := range rosterActs {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			w := rosterWorld(t)
			c := rosterCall(w, apptest.Admin, x.action, x.on, x.body)
			before := versionOf(w, x.on)
			first := w.Send(c).Want(t, http.StatusOK)
			after := versionOf(w, x.on)
			if strings.HasPrefix(id, "member.") && after != before+1 {
				t.Errorf("the version went from %d to %d", before, after)
			}
			for range 3 {
				if again := w.Send(c); again.Status != first.Status || !bytes.Equal(again.Body, first.Body) {
					t.Errorf("the replay answers %d %s, the act %s", again.Status, again.Body, first.Body)
				}
			}
			if versionOf(w, x.on) != after {
				t.Error("the replay acted again")
			}
			admin, on := w.Person(apptest.Admin).ID, w.Person(x.on).ID
			want := audit.Entry{
				InstitutionID: w.County.ID, PersonID: &admin, Roles: "PLATFORM_ADMIN", Kind: audit.Act, Action: id, SubjectType: "person", SubjectID: &on,
			}
			entries := audited(w)
			if len(entries) != 1 {
				t.Fatalf("%d audit entries", len(entries))
			}
			got := entries[0]
			if got.AccountID == nil || got.At.IsZero() || len(got.Mac) == 0 {
				t.Errorf("who or when is missing: %+v", got)
			}
			got.ID, got.AccountID, got.At, got.Mac = "", nil, want.At, nil
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("audit entry:\n%s", diff)
			}

			other := c
			other.Path = strings.Replace(c.Path, w.Person(x.on).ID, w.Person(apptest.Leader).ID, 1)
			if a := w.Send(other); a.Code() != store.ErrKeyReused.Code {
				t.Errorf("the key on another person: %d %s", a.Status, a.Code())
			}
			if x.body != nil {
				other = c
				other.Body = map[string]any{"phone": "13800000098"}
				if a := w.Send(other); a.Code() != store.ErrKeyReused.Code {
					t.Errorf("the key with another body: %d %s", a.Status, a.Code())
				}
			}
			c.Key = uuid.NewString()
			w.Send(c).Want(t, x.again)
		})
	}
}

// TestAReplayAsksAgainWhoMay holds that an earlier answer, an invitation code
// among them, is not given to who may no longer act.
func TestAReplayAsksAgainWhoMay(t *testing.T) {
	t.Parallel()
	person := func(w *apptest.World, name string) string { return w.Person(name).ID }
	run := func(w *apptest.World, sql string, args ...any) {
		w.Write(func(tx *store.Tx) error { tx.Exec(sql, args...); return nil })
	}
	lost := map[string]struct {
		how    func(w *apptest.World)
		status int
		code   string
	}{
		"an appointment that ended": {func(w *apptest.World) {
			run(w, "DELETE FROM appointments WHERE person_id = ?", person(w, apptest.Admin))
		}, http.StatusForbidden, "request.forbidden"},
		"a binding that ended": {func(w *apptest.World) {
			run(w, "UPDATE bindings SET ended_at = ? WHERE person_id = ?", w.Clock.Now(), person(w, apptest.Admin))
		}, http.StatusForbidden, "account.not_bound"},
		"a suspension": {func(w *apptest.World) {
			run(w, "UPDATE people SET suspended_at = ? WHERE id = ?", w.Clock.Now(), person(w, apptest.Admin))
		}, http.StatusForbidden, "account.suspended"},
		"subjects that are gone": {func(w *apptest.World) {
			for _, x := range rosterActs {
				id := person(w, x.on)
				run(w, "UPDATE sessions SET binding_id = NULL WHERE binding_id IN (SELECT id FROM bindings WHERE person_id = ?)", id)
				for _, table := range []string{"invitations", "bindings", "appointments"} {
					run(w, "DELETE FROM "+table+" WHERE person_id = ?", id)
				}
				run(w, "DELETE FROM people WHERE id = ?", id)
			}
		}, http.StatusNotFound, member.ErrNotFound.Code},
	}
	for how, loss := range lost {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			w := rosterWorld(t)
			w.Token(apptest.Staff)
			calls := map[string]apptest.Call{}
			for id, x := range rosterActs {
				calls[id] = rosterCall(w, apptest.Admin, x.action, x.on, x.body)
				w.Send(calls[id]).Want(t, http.StatusOK)
			}
			loss.how(w)
			for id, c := range calls {
				if a := w.Send(c); a.Status != loss.status || a.Code() != loss.code {
					t.Errorf("%s again: %d %s, want %s", id, a.Status, a.Body, loss.code)
				}
			}
		})
	}
}

// TestAReplayBelongsToTheIdentityThatActed holds that one account does not get,
// under another identity, what it was answered under the first.
func TestAReplayBelongsToTheIdentityThatActed(t *testing.T) {
	t.Parallel()
	w := rosterWorld(t)
	w.Write(func(tx *store.Tx) error {
		p, err := w.People.Add(tx, w.Clock.Now(), member.NewPerson{InstitutionID: w.Other.ID, Name: "兼职管理员", Phone: w.Phone(apptest.Admin)})
		member.Appoint(tx, w.Clock.Now(), p, member.PlatformAdmin, "")
		return err
	})
	w.Bind(w.Token(apptest.Admin), w.OpenID(apptest.Admin), w.Phone(apptest.Admin)).Want(t, http.StatusCreated)
	c := rosterCall(w, apptest.Admin, "invite", apptest.CoAuthor, nil)
	var invitation struct{ Code string }
	w.Send(c).Into(t, http.StatusOK, &invitation)

	var me struct {
		Bindings []struct{ ID, Institution string }
	}
	w.Get(apptest.Admin, "/v1/me").Into(t, http.StatusOK, &me)
	for _, b := range me.Bindings {
		if b.Institution == w.Other.Name {
			w.Post(apptest.Admin, "/v1/bindings/"+b.ID+"/choose", nil).Want(t, http.StatusOK)
		}
	}
	w.Get(apptest.Admin, "/v1/people/"+w.Person(apptest.ForeignMember).ID).Want(t, http.StatusOK)
	if a := w.Send(c); a.Status < 400 || bytes.Contains(a.Body, []byte(invitation.Code)) {
		t.Errorf("under the other identity: %d %s", a.Status, a.Body)
	}
}

// TestTwinsActOnce holds that calls with one key, sent together, get the same
// answer and act once.
func TestTwinsActOnce(t *testing.T) {
	t.Parallel()
	w := rosterWorld(t)
	for round := range 5 {
		c := rosterCall(w, apptest.Admin, "invite", apptest.CoAuthor, nil)
		answers := make([]apptest.Answer, 6)
		var wg sync.WaitGroup
		for i := range answers {
			wg.Go(func() { answers[i] = w.Send(c) })
		}
		wg.Wait()
		for _, a := range answers {
			if a.Status != http.StatusOK || !bytes.Equal(a.Body, answers[0].Body) {
				t.Errorf("%d %s, and another %s", a.Status, a.Body, answers[0].Body)
			}
		}
		if n := len(audited(w)); n != round+1 {
			t.Fatalf("%d audit entries after %d acts", n, round+1)
		}
	}
	var open int
	if err := w.DB.Gorm(t.Context()).Raw("SELECT COUNT(*) FROM invitations WHERE used_at IS NULL AND expires_at > ?", w.Clock.Now()).Scan(&open).Error; err != nil || open != 1 {
		t.Errorf("%d invitations are open, %v", open, err)
	}
}

// TestWhatFailsLeavesNoEntryAndFreesItsKey holds that a refusal is neither
// audited nor kept.
func TestWhatFailsLeavesNoEntryAndFreesItsKey(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		by, action, on string
		body           any
		code           string
	}{
		"a number that is taken":        {apptest.Admin, "phone", apptest.CoAuthor, map[string]any{"phone": "13800000001"}, member.ErrPhoneTaken.Code},
		"a number that is none":         {apptest.Admin, "phone", apptest.CoAuthor, map[string]any{"phone": "0991-5550101"}, member.ErrPhone.Code},
		"a body without it":             {apptest.Admin, "phone", apptest.CoAuthor, map[string]any{}, "request.invalid"},
		"oneself":                       {apptest.Admin, "suspend", apptest.Admin, nil, member.ErrSelf.Code},
		"a binding that is not there":   {apptest.Admin, "unbind", apptest.CoAuthor, nil, "account.not_found"},
		"who is bound already":          {apptest.Admin, "invite", apptest.Author, nil, "account.still_bound"},
		"who is suspended":              {apptest.Admin, "invite", apptest.Suspended, nil, "account.suspended_person"},
		"somebody of another body":      {apptest.Admin, "suspend", apptest.ForeignMember, nil, member.ErrNotFound.Code},
		"a member who has not the role": {apptest.Author, "suspend", apptest.CoAuthor, nil, "request.forbidden"},
		"a leader, who has not either":  {apptest.Leader, "invite", apptest.CoAuthor, nil, "request.forbidden"},
	}
	w := rosterWorld(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := rosterCall(w, test.by, test.action, test.on, test.body)
			before := versionOf(w, test.on)
			for range 2 {
				if a := w.Send(c); a.Code() != test.code {
					t.Errorf("%d %s, want %s", a.Status, a.Code(), test.code)
				}
			}
			if n := len(audited(w)); n != 0 {
				t.Errorf("%d audit entries", n)
			}
			if versionOf(w, test.on) != before {
				t.Error("the row moved")
			}
			var kept int
			if err := w.DB.Gorm(t.Context()).Raw("SELECT COUNT(*) FROM idempotency WHERE key = ?", c.Key).Scan(&kept).Error; err != nil || kept != 0 {
				t.Errorf("%d answers are kept, %v", kept, err)
			}
		})
	}
}

// TestAKeyIsAsked holds that an act without a key, or with one that is too short
// or too long, is not done.
func TestAKeyIsAsked(t *testing.T) {
	t.Parallel()
	w := rosterWorld(t)
	for _, key := range []string{"-", "1234567", strings.Repeat("k", 65)} {
		c := rosterCall(w, apptest.Admin, "suspend", apptest.CoAuthor, nil)
		c.Key = key
		if a := w.Send(c).Want(t, http.StatusBadRequest); a.Code() != "request.no_key" {
			t.Errorf("key %q: code %s", key, a.Code())
		}
	}
	if len(audited(w)) != 0 {
		t.Error("something was done without a key")
	}
	for _, key := range []string{"12345678", strings.Repeat("k", 64)} {
		c := rosterCall(w, apptest.Admin, "suspend", apptest.CoAuthor, nil)
		c.Key = key
		w.Send(c).Want(t, http.StatusOK)
	}
}

// TestARosterShowsMaskedNumbers holds it of the list and of one row.
func TestARosterShowsMaskedNumbers(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	a := w.Get(apptest.Admin, "/v1/people?limit=100")
	var p struct {
		Items []struct {
			ID, Name, Phone string
			Suspended       bool
			Appointments    []struct{ Role, Label, Begins, Ends string }
		}
	}
	a.Into(t, http.StatusOK, &p)
	if len(p.Items) < 11 || p.Items[0].Name != apptest.Author || p.Items[0].Phone != "138****0001" || p.Items[0].Suspended {
		t.Errorf("the roster begins with %+v of %d", p.Items[0], len(p.Items))
	}
	if got := fmt.Sprint(p.Items[0].Appointments); got != "[{MEMBER 委员 2026-03-03 }]" {
		t.Errorf("appointments %s", got)
	}
	one := w.Get(apptest.Admin, "/v1/people/"+p.Items[0].ID).Want(t, http.StatusOK)
	for _, body := range [][]byte{a.Body, one.Body} {
		if bytes.Contains(body, []byte("1380000")) || bytes.Contains(body, []byte("sealed")) || bytes.Contains(body, []byte("digest")) {
			t.Errorf("a number is shown: %s", body)
		}
	}
	if !json.Valid(one.Body) || !bytes.Contains(one.Body, []byte("138****0001")) {
		t.Errorf("one row: %s", one.Body)
	}
}

// wordsOf reads what a Word document says.
func wordsOf(t *testing.T, document []byte) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(document), int64(len(document)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open("word/document.xml")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// TestOnlyAdministratorsReachAdministrators: staff who keep the roster can do
// nothing by which they would come into an administrator's seat, nor empty it;
// an administrator can, until none but one is left.
func TestOnlyAdministratorsReachAdministrators(t *testing.T) {
	t.Parallel()
	w := rosterWorld(t)
	w.Write(func(tx *store.Tx) error { // one who is appointed from next month on, without a telephone
		x := member.Appointment{
			ID: store.NewID(), InstitutionID: w.County.ID, PersonID: w.Person(apptest.Subject).ID, Role: member.PlatformAdmin,
			Begins: calendar.Of(w.Clock.Now()).Add(30), Version: 1, CreatedAt: w.Clock.Now(),
		}
		tx.Insert(&x)
		return nil
	})
	phone := map[string]any{"phone": "13800000099"}
	for _, on := range []string{apptest.Admin, apptest.Subject} {
		for _, action := range []string{"phone", "suspend", "restore", "invite", "unbind"} {
			var body any
			if action == "phone" {
				body = phone
			}
			wantCode(t, w.Send(rosterCall(w, apptest.Staff, action, on, body)), http.StatusForbidden, member.ErrAdministrator.Code)
		}
	}
	csv := csvOf(t, []string{"姓名", "手机号", "角色"}, []string{apptest.Admin, "13800000099", "平台管理员"})
	var report struct {
		Rows []struct{ Problems []struct{ Message string } }
	}
	w.Post(apptest.Staff, "/v1/roster/preview", map[string]any{"attachment_id": w.Uploaded(apptest.Staff, "名册.csv", csv), "kind": "STAFF"}).
		Into(t, http.StatusOK, &report)
	if len(report.Rows) != 1 || len(report.Rows[0].Problems) != 1 || !strings.Contains(report.Rows[0].Problems[0].Message, "只能由平台管理员更换") {
		t.Errorf("by a table: %+v", report)
	}

	// Invitations: staff neither issue one, nor see the code of one, nor end it.
	many := map[string]any{"people": []string{w.Person(apptest.Subject).ID, w.Person(apptest.OtherMember).ID}}
	var v struct {
		Invited []struct{ ID, Person string }
		Skipped []struct{ Person, Reason string }
	}
	w.Post(apptest.Staff, "/v1/invitations", many).Into(t, http.StatusOK, &v)
	if len(v.Invited) != 1 || v.Invited[0].Person != apptest.OtherMember || len(v.Skipped) != 1 || v.Skipped[0].Reason != "ADMINISTRATOR" {
		t.Errorf("invited %+v", v)
	}
	w.Post(apptest.Staff, "/v1/invitations", map[string]any{"role": "PLATFORM_ADMIN"}).Into(t, http.StatusOK, &v)
	if len(v.Invited) != 0 {
		t.Errorf("by the role: %+v", v)
	}
	w.Post(apptest.Admin, "/v1/invitations", many).Into(t, http.StatusOK, &v)
	if len(v.Invited) != 1 || v.Invited[0].Person != apptest.Subject {
		t.Fatalf("an administrator invited %+v", v)
	}
	path := "/v1/invitations/" + v.Invited[0].ID
	for name, sees := range map[string]bool{apptest.Staff: false, apptest.Admin: true} {
		var one struct{ Code string }
		w.Get(name, path).Into(t, http.StatusOK, &one)
		if (one.Code != "") != sees {
			t.Errorf("%s sees the code %q", name, one.Code)
		}
		cards := w.Get(name, "/v1/invitations/cards").Want(t, http.StatusOK)
		if shown := strings.Contains(wordsOf(t, cards.Body), apptest.Subject); shown != sees {
			t.Errorf("%s prints the card: %v", name, shown)
		}
	}
	wantCode(t, w.Post(apptest.Staff, path+"/revoke", nil), http.StatusForbidden, member.ErrAdministrator.Code)
	w.Post(apptest.Admin, path+"/revoke", nil).Want(t, http.StatusOK)

	// An administrator may.
	for _, action := range []string{"suspend", "restore", "invite", "phone"} {
		var body any
		if action == "phone" {
			body = phone
		}
		w.Send(rosterCall(w, apptest.Admin, action, apptest.Subject, body)).Want(t, http.StatusOK)
	}
}

// TestTheLastAdministratorStays: one whose own appointment ends does not suspend
// the only one whose does not, and of two who suspend each other at once one is
// left.
func TestTheLastAdministratorStays(t *testing.T) {
	t.Parallel()
	w := rosterWorld(t)
	today := calendar.Of(w.Clock.Now())
	w.Write(func(tx *store.Tx) error {
		x := member.Appointment{
			ID: store.NewID(), InstitutionID: w.County.ID, PersonID: w.Person(apptest.Leader).ID, Role: member.PlatformAdmin,
			Begins: today, Ends: today.Add(30), Version: 1, CreatedAt: w.Clock.Now(),
		}
		tx.Insert(&x)
		return nil
	})
	wantCode(t, w.Send(rosterCall(w, apptest.Leader, "suspend", apptest.Admin, nil)), http.StatusConflict, member.ErrLastAdministrator.Code)
	w.Write(func(tx *store.Tx) error {
		tx.Exec("UPDATE appointments SET ends = NULL WHERE person_id = ? AND role = ?", w.Person(apptest.Leader).ID, member.PlatformAdmin)
		return nil
	})
	calls := []apptest.Call{rosterCall(w, apptest.Leader, "suspend", apptest.Admin, nil), rosterCall(w, apptest.Admin, "suspend", apptest.Leader, nil)}
	answers := make([]apptest.Answer, len(calls))
	var wg sync.WaitGroup
	for i := range calls {
		wg.Go(func() { answers[i] = w.Send(calls[i]) })
	}
	wg.Wait()
	done := 0
	for _, a := range answers {
		switch {
		case a.Status == http.StatusOK:
			done++
		case a.Code() != member.ErrLastAdministrator.Code && a.Code() != "account.suspended":
			t.Errorf("%d %s", a.Status, a.Body)
		}
	}
	if done != 1 {
		t.Errorf("%d of two who suspended each other were heard", done)
	}
}
