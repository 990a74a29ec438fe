package account_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"yanlu/internal/account"
	"yanlu/internal/app/apptest"
	"yanlu/internal/document"
	"yanlu/internal/member"
	"yanlu/internal/store"
	"yanlu/internal/wechat/simulator"
)

type invited struct {
	Invited []struct {
		ID, Person, State string
		PersonID          string `json:"person_id"`
	}
	Skipped []struct {
		Person, Reason, Label string
		PersonID              string `json:"person_id"`
	}
	More bool
}

func inviteMany(w *apptest.World, body map[string]any) invited {
	w.T.Helper()
	var v invited
	w.Post(apptest.Admin, "/v1/invitations", body).Into(w.T, http.StatusOK, &v)
	return v
}

// printed returns the text and the pictures of the cards, and the cursor of the
// next file.
func printed(w *apptest.World, query string) (body string, pictures [][]byte, next string) {
	w.T.Helper()
	a := w.Get(apptest.Admin, "/v1/invitations/cards"+query).Want(w.T, http.StatusOK)
	if a.Header.Get("Content-Type") != document.Type || !strings.HasPrefix(a.Header.Get("Content-Disposition"), "attachment; filename=invitations.docx; filename*=UTF-8''%E9%82%80") {
		w.T.Errorf("%v", a.Header)
	}
	z, err := zip.NewReader(bytes.NewReader(a.Body), int64(len(a.Body)))
	if err != nil {
		w.T.Fatal(err)
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			w.T.Fatal(err)
		}
		raw, err := io.ReadAll(r)
		if err != nil {
			w.T.Fatal(err)
		}
		if strings.HasPrefix(f.Name, "word/media/") {
			pictures = append(pictures, raw)
		}
		if f.Name == "word/document.xml" {
			body = string(raw)
		}
	}
	return body, pictures, a.Header.Get("X-Next-Cursor")
}

var codeForm = regexp.MustCompile(`>([0-9A-Z]{5})-([0-9A-Z]{5})<`)

func codesOn(body string) []string {
	var codes []string
	for _, m := range codeForm.FindAllStringSubmatch(body, -1) {
		codes = append(codes, m[1]+m[2])
	}
	return codes
}

// TestManyAreInvitedAtOnce holds who gets an invitation and who does not, with
// the reason, and that a card that is out stays good.
func TestManyAreInvitedAtOnce(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	w.Token(apptest.Author)
	w.Post(apptest.Admin, "/v1/people/"+w.Person(apptest.Suspended).ID+"/suspend", nil).Want(t, http.StatusOK)
	ids := func(names ...string) []string {
		var all []string
		for _, n := range names {
			all = append(all, w.Person(n).ID)
		}
		return all
	}
	stranger := store.NewID()
	v := inviteMany(w, map[string]any{"people": append(ids(apptest.Author, apptest.CoAuthor, apptest.Suspended, apptest.OtherMember, apptest.ForeignMember, apptest.CoAuthor), stranger)})
	if len(v.Invited) != 2 || v.Invited[0].Person != apptest.CoAuthor || v.Invited[0].State != "ISSUED" || v.More {
		t.Errorf("invited: %+v", v)
	}
	reasons := map[string]string{}
	for _, x := range v.Skipped {
		reasons[x.PersonID] = x.Reason
	}
	for id, want := range map[string]string{
		w.Person(apptest.Author).ID: "BOUND", w.Person(apptest.Suspended).ID: "SUSPENDED", w.Person(apptest.ForeignMember).ID: "NOT_FOUND", stranger: "NOT_FOUND",
	} {
		if reasons[id] != want {
			t.Errorf("skipped for %q, want %q", reasons[id], want)
		}
	}
	again := inviteMany(w, map[string]any{"people": ids(apptest.CoAuthor)})
	if len(again.Invited) != 0 || again.Skipped[0].Reason != "LIVE" || again.Skipped[0].Label == "" {
		t.Errorf("again: %+v", again)
	}
	// By role, those who are left: three members without a telephone.
	byRole := inviteMany(w, map[string]any{"role": "MEMBER", "group": "第一联络组"})
	if len(byRole.Invited) != 3 || len(byRole.Skipped) != 0 {
		t.Errorf("by role: %+v", byRole)
	}
	if n := number(w, "SELECT COUNT(*) FROM audit_entries WHERE action = 'invitation.create' AND subject_type = 'person'"); n != 5 {
		t.Errorf("%d entries of five invitations", n)
	}
	wantCode(t, w.Post(apptest.Admin, "/v1/invitations", map[string]any{}), http.StatusUnprocessableEntity, account.ErrNobody.Code)
	wantCode(t, w.Post(apptest.Leader, "/v1/invitations", map[string]any{"role": "MEMBER"}), http.StatusForbidden, "request.forbidden")
}

// TestAWholePlenaryIsInvitedInSteps holds that a call takes 200, and the next
// goes on; and that the cards are printed in as many files.
func TestAWholePlenaryIsInvitedInSteps(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	w.Write(func(tx *store.Tx) error {
		for i := range 230 {
			if _, err := w.People.Add(tx, w.Clock.Now(), member.NewPerson{InstitutionID: w.County.ID, Name: fmt.Sprintf("委员%03d", i), GroupName: "全会"}); err != nil {
				return err
			}
		}
		return nil
	})
	first := inviteMany(w, map[string]any{"group": "全会"})
	second := inviteMany(w, map[string]any{"group": "全会"})
	if len(first.Invited) != 200 || !first.More || len(second.Invited) != 30 || second.More {
		t.Fatalf("%d %t, %d %t", len(first.Invited), first.More, len(second.Invited), second.More)
	}
	// On a slow machine not all pictures come in the time of one print; the next
	// one goes on from there.
	body, pictures, next := printed(w, "?group=%E5%85%A8%E4%BC%9A")
	rest, more, end := printed(w, "?group=%E5%85%A8%E4%BC%9A&after="+next)
	for range 20 {
		if len(pictures) == 200 && len(more) == 30 {
			break
		}
		body, pictures, next = printed(w, "?group=%E5%85%A8%E4%BC%9A")
		rest, more, end = printed(w, "?group=%E5%85%A8%E4%BC%9A&after="+next)
	}
	if len(pictures) != 200 || len(more) != 30 || end != "" {
		t.Errorf("%d and %d pictures, then %q", len(pictures), len(more), end)
	}
	codes := append(codesOn(body), codesOn(rest)...)
	slices.Sort(codes)
	if len(slices.Compact(codes)) != 230 {
		t.Errorf("%d codes", len(codes))
	}
	calls := w.Sim.Calls(simulator.PathCode)
	if calls < 230 {
		t.Errorf("%d calls for 230 codes", calls)
	}
	printed(w, "?group=%E5%85%A8%E4%BC%9A")
	if n := w.Sim.Calls(simulator.PathCode); n != calls {
		t.Errorf("printing again asks %d times", n-calls)
	}
}

// TestACardBindsWhoScansIt walks one from the invitation to the identity: the
// picture on the card is that of the scene, and the scene binds.
func TestACardBindsWhoScansIt(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	v := inviteMany(w, map[string]any{"people": []string{w.Person(apptest.CoAuthor).ID, w.Person(apptest.OtherMember).ID}})
	body, pictures, _ := printed(w, "")
	codes := codesOn(body)
	if len(codes) != 2 || !strings.Contains(body, apptest.CoAuthor) || !strings.Contains(body, "第一联络组") || !strings.Contains(body, "2026年3月17日前有效") {
		t.Fatalf("%v on %s", codes, body)
	}
	for i, code := range codes {
		if want, _ := simulator.Picture(code, 430); !bytes.Equal(want, pictures[i]) {
			t.Errorf("the picture of %d is of something else", i)
		}
	}
	made := w.Sim.Journal()[len(w.Sim.Journal())-1]
	if made.Fields["page"] != "pages/bind/index" || made.Fields["env_version"] != "release" {
		t.Errorf("%+v", made)
	}
	// Each card has the name and the code of one: whoever scans it is that person.
	name := apptest.CoAuthor
	if strings.Index(body, apptest.OtherMember) < strings.Index(body, name) {
		name = apptest.OtherMember
	}
	token := w.LoginAs("openid-who-scans")
	var me struct{ Identity struct{ Name string } }
	w.Send(apptest.Call{Method: http.MethodPost, Path: "/v1/bindings/invitation", Token: token, Body: map[string]any{"code": codes[0]}}).Into(t, http.StatusCreated, &me)
	if me.Identity.Name != name {
		t.Errorf("scanned by %s, is %s", name, me.Identity.Name)
	}
	// What is used is printed no more, and nothing of it is kept.
	body, pictures, _ = printed(w, "")
	if got := codesOn(body); len(got) != 1 || got[0] != codes[1] || len(pictures) != 1 {
		t.Errorf("after it was used: %v", got)
	}
	if n := number(w, "SELECT COUNT(*) FROM invitations WHERE used_at IS NOT NULL AND (code_sealed IS NOT NULL OR picture_sealed IS NOT NULL)"); n != 0 {
		t.Error("a used code is kept")
	}
	for _, x := range v.Invited {
		if x.Person == name {
			wantCode(t, w.Post(apptest.Admin, "/v1/invitations/"+x.ID+"/revoke", nil), http.StatusConflict, account.ErrOver.Code)
			continue
		}
		var opened struct{ Code, State string }
		w.Get(apptest.Admin, "/v1/invitations/"+x.ID).Into(t, http.StatusOK, &opened)
		if opened.Code != codes[1] || opened.State != "ISSUED" {
			t.Errorf("%+v", opened)
		}
		w.Post(apptest.Admin, "/v1/invitations/"+x.ID+"/revoke", nil).Want(t, http.StatusOK)
		wantCode(t, w.Get(apptest.ForeignAdmin, "/v1/invitations/"+x.ID), http.StatusNotFound, account.ErrNotFound.Code)
		wantCode(t, w.Post(apptest.ForeignAdmin, "/v1/invitations/"+x.ID+"/revoke", nil), http.StatusNotFound, account.ErrNotFound.Code)
	}
	wantCode(t, w.Send(apptest.Call{Method: http.MethodPost, Path: "/v1/bindings/invitation", Token: token, Body: map[string]any{"code": codes[1]}}), http.StatusUnprocessableEntity, account.ErrNoMatch.Code)
	wantCode(t, w.Get(apptest.Admin, "/v1/invitations/cards"), http.StatusConflict, account.ErrNoCards.Code)
	for state, want := range map[string]int{"ISSUED": 0, "USED": 1, "EXPIRED": 1} {
		var list struct{ Items []struct{ State string } }
		w.Get(apptest.Admin, "/v1/invitations?state="+state).Into(t, http.StatusOK, &list)
		if len(list.Items) != want || want > 0 && list.Items[0].State != state {
			t.Errorf("%s: %+v", state, list.Items)
		}
	}
	if n := number(w, "SELECT COUNT(*) FROM audit_entries WHERE kind = 'EXPORT' AND action = 'invitation.cards'"); n != 3 {
		t.Errorf("%d entries of three cards that were printed", n)
	}
	if n := number(w, "SELECT COUNT(*) FROM audit_entries WHERE kind = 'LOOK' AND action = 'invitation.read'"); n != 1 {
		t.Errorf("%d entries of one code that was looked at", n)
	}
}

// TestCardsArePrintedWithoutThePlatform holds that the codes in letters are
// enough, that the log says why, and that what is missing is asked for again.
func TestCardsArePrintedWithoutThePlatform(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	n := len(inviteMany(w, map[string]any{"role": "MEMBER"}).Invited)
	for name, f := range map[string]simulator.Fault{
		"no page": {Code: 41030}, "busy": {Code: -1}, "a gateway": {Status: 502}, "a cut": {Cut: true},
	} {
		f.Times = 100
		w.Sim.Fault(simulator.PathCode, f)
		body, pictures, _ := printed(w, "")
		if len(codesOn(body)) != n || len(pictures) != 0 || !strings.Contains(body, "暂未取到") {
			t.Errorf("%s: %d codes, %d pictures", name, len(codesOn(body)), len(pictures))
		}
		w.Sim.ClearFaults()
	}
	if !strings.Contains(w.Log.String(), "mini-program codes are missing on cards") {
		t.Error("the log does not say so")
	}
	body, pictures, _ := printed(w, "")
	if len(pictures) != n {
		t.Errorf("%d pictures afterwards", len(pictures))
	}
	for _, code := range codesOn(body) {
		if strings.Contains(w.Log.String(), code) {
			t.Errorf("the log has the code %s", code)
		}
	}
}

// TestACodeIsKeptSealedAndOnlyWhileItLives holds what the table has of it.
func TestACodeIsKeptSealedAndOnlyWhileItLives(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	inviteMany(w, map[string]any{"role": "MEMBER"})
	body, _, _ := printed(w, "")
	codes := codesOn(body)
	all := strings.Join(rows(w, "SELECT * FROM invitations"), "\n")
	for _, code := range codes {
		if strings.Contains(all, code) {
			t.Errorf("%s is in the table", code)
		}
	}
	if strings.Contains(all, "PNG") {
		t.Error("a picture is in the table in clear")
	}
	w.Clock.Advance(15 * 24 * time.Hour)
	wantCode(t, w.Get(apptest.Admin, "/v1/invitations/cards"), http.StatusConflict, account.ErrNoCards.Code)
	if err := w.Accounts.Tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := number(w, "SELECT COUNT(*) FROM invitations WHERE code_sealed IS NOT NULL OR picture_sealed IS NOT NULL"); n != 0 {
		t.Errorf("%d codes are kept after their end", n)
	}
}
