package account_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"yanlu/internal/account"
	"yanlu/internal/app/apptest"
	"yanlu/internal/member"
	"yanlu/internal/wechat/simulator"
)

// TestOneNumberBindsTheRowsOfEachInstitution holds that one account wears one
// of its identities at a time, with the roles of that one alone.
func TestOneNumberBindsTheRowsOfEachInstitution(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	hire(w, w.Other.ID, "同一人", w.Phone(apptest.Author), member.Leader)
	token := w.Login(apptest.Author)
	w.Bind(token, w.OpenID(apptest.Author), w.Phone(apptest.Author)).Want(t, http.StatusCreated)

	m := meOf(w, token)
	county, other := m.at(t, w.County.Name), m.at(t, w.Other.Name)
	if len(m.Bindings) != 2 || county.Current == other.Current || county.Proof != "PHONE" {
		t.Fatalf("bindings: %+v", m.Bindings)
	}
	for _, want := range []struct {
		binding     binding
		institution string
		name, role  string
		submits     int // the status of what a member does
	}{
		{other, w.Other.ID, "同一人", "LEADER", http.StatusForbidden},
		{county, w.County.ID, apptest.Author, "MEMBER", http.StatusCreated},
		{other, w.Other.ID, "同一人", "LEADER", http.StatusForbidden},
	} {
		post(w, token, "/v1/bindings/"+want.binding.ID+"/choose", nil).Want(t, http.StatusOK)
		m := meOf(w, token)
		if m.Identity == nil || m.Identity.InstitutionID != want.institution || m.Identity.Name != want.name || !slices.Equal(m.roles(), []string{want.role}) {
			t.Errorf("after choosing %s: %+v", want.binding.Institution, m.Identity)
		}
		if !m.at(t, want.binding.Institution).Current {
			t.Errorf("the chosen binding is not the current one: %+v", m.Bindings)
		}
		post(w, token, "/v1/suggestions", map[string]any{
			"title": "修复人民路路灯", "body": "人民路中段有六盏路灯已坏两周，晚上行人不便。", "category": "CITY",
		}).Want(t, want.submits)
	}
}

// TestOnlyOnesOwnBindingIsChosen holds that another's, one that has ended and
// one that never was are all 404, and that the identity stays.
func TestOnlyOnesOwnBindingIsChosen(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	token, other := w.Token(apptest.Author), w.Token(apptest.CoAuthor)
	foreign := meOf(w, other).Bindings[0].ID
	own := meOf(w, token).Bindings[0].ID
	for _, id := range []string{foreign, uuid.NewString()} {
		wantCode(t, post(w, token, "/v1/bindings/"+id+"/choose", nil), http.StatusNotFound, account.ErrNotFound.Code)
	}
	if m := meOf(w, token); m.Identity == nil || m.Identity.Name != apptest.Author {
		t.Errorf("the identity moved: %+v", m)
	}
	w.Post(apptest.Admin, "/v1/people/"+w.Person(apptest.Author).ID+"/unbind", nil).Want(t, http.StatusOK)
	wantCode(t, post(w, token, "/v1/bindings/"+own+"/choose", nil), http.StatusNotFound, account.ErrNotFound.Code)
}

// TestChoosingAgainAnswersTheSame holds that a client that lost the answer of a
// choice may ask again with its key.
func TestChoosingAgainAnswersTheSame(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	hire(w, w.Other.ID, "同一人", w.Phone(apptest.Author), member.Leader)
	token := w.Token(apptest.Author)
	for _, institution := range []string{w.Other.Name, w.County.Name} {
		c := apptest.Call{
			Method: http.MethodPost, Path: "/v1/bindings/" + meOf(w, token).at(t, institution).ID + "/choose", Token: token, Key: uuid.NewString(),
		}
		w.Send(c).Want(t, http.StatusOK)
		if a := w.Send(c); a.Status != http.StatusOK {
			t.Errorf("choosing %s again: %d %s", institution, a.Status, a.Body)
		}
	}
}

// TestWhoIsNotBoundReachesNothing walks the document: what is not public and
// not for every account answers account.not_bound.
func TestWhoIsNotBoundReachesNothing(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	token := w.LoginAs("openid-of-a-stranger")
	if m := meOf(w, token); m.Bound || m.Identity != nil || len(m.Bindings) != 0 {
		t.Errorf("a stranger is %+v", m)
	}
	asked := 0
	for path, item := range w.API.OpenAPI().Paths {
		path = strings.ReplaceAll(path, "{id}", w.Person(apptest.Author).ID)
		if op := item.Get; op != nil && !open(op.Extensions) {
			asked++
			wantCode(t, get(w, token, path), http.StatusForbidden, account.ErrNotBound.Code)
		}
		if op := item.Post; op != nil && !open(op.Extensions) {
			asked++
			wantCode(t, post(w, token, path, map[string]any{}), http.StatusForbidden, account.ErrNotBound.Code)
		}
	}
	if asked < 20 {
		t.Errorf("only %d operations ask for an identity", asked)
	}
}

// open reports whether an operation is for who is not bound.
func open(extensions map[string]any) bool {
	words := fmt.Sprint(extensions["x-access"])
	return words == "[PUBLIC]" || words == "[ACCOUNT]"
}

// TestNobodyLearnsWhoIsOnARoster holds that a number answers the same whether
// it is unknown, taken, suspended or of another country.
func TestNobodyLearnsWhoIsOnARoster(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	w.Token(apptest.CoAuthor)
	w.Post(apptest.Admin, "/v1/people/"+w.Person(apptest.Suspended).ID+"/suspend", nil).Want(t, http.StatusOK)
	codes := map[string]string{
		"on no roster":       w.Sim.PhoneCode("stranger", "13999999999"),
		"taken":              w.Sim.PhoneCode("stranger", w.Phone(apptest.CoAuthor)),
		"suspended":          w.Sim.PhoneCode("stranger", w.Phone(apptest.Suspended)),
		"of another country": w.Sim.ForeignPhoneCode("stranger", "852", "91234567"),
		"a landline":         w.Sim.PhoneCode("stranger", "09915550101"),
	}
	token, answers := w.LoginAs("stranger"), map[string]apptest.Answer{}
	for name, code := range codes {
		answers[name] = post(w, token, "/v1/bindings/phone", map[string]any{"code": code})
	}
	sameProblem(t, answers)
	if n := number(w, "SELECT COUNT(*) FROM bindings WHERE ended_at IS NULL"); n != 2 { // those of the admin and the co-author
		t.Errorf("%d bindings", n)
	}
}

// TestAPhoneCodeOfAnotherTelephoneBindsNothing holds that a code is taken only
// from whom the platform gave it.
func TestAPhoneCodeOfAnotherTelephoneBindsNothing(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	token := w.LoginAs("thief")
	code := w.Sim.PhoneCode(w.OpenID(apptest.Author), w.Phone(apptest.Author))
	wantCode(t, post(w, token, "/v1/bindings/phone", map[string]any{"code": code}), http.StatusUnprocessableEntity, account.ErrCode.Code)
	w.Sim.Fault(simulator.PathPhone, simulator.Fault{Code: -1})
	wantCode(t, post(w, token, "/v1/bindings/phone", map[string]any{"code": code}), http.StatusServiceUnavailable, account.ErrPlatform.Code)
	if m := meOf(w, token); len(m.Bindings) != 0 {
		t.Errorf("bound: %+v", m.Bindings)
	}
}

// TestAnInvitationThatIsNotGoodAnswersTheSame holds it of codes that are wrong,
// used, out of date, taken back, or for a row that is taken or suspended.
func TestAnInvitationThatIsNotGoodAnswersTheSame(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	code := func(name string) string { return invite(w, apptest.Admin, w.Person(name).ID) }

	expired := code(apptest.OtherMember)
	w.Clock.Advance(14*24*time.Hour + time.Second)
	used := code(apptest.Author)
	bindByCode(w, w.Login(apptest.Author), used).Want(t, http.StatusCreated)
	taken := code(apptest.CoAuthor)
	w.Token(apptest.CoAuthor) // by phone
	suspended := code(apptest.Suspended)
	w.Post(apptest.Admin, "/v1/people/"+w.Person(apptest.Suspended).ID+"/suspend", nil).Want(t, http.StatusOK)
	replaced := code(apptest.Leader)
	fresh := code(apptest.Leader)

	token, answers := w.LoginAs("stranger"), map[string]apptest.Answer{}
	for name, code := range map[string]string{
		"wrong": "ABCDEFGHJK", "nonsense": "没有", "expired": expired, "used": used, "taken": taken, "suspended": suspended, "replaced": replaced,
	} {
		answers[name] = bindByCode(w, token, code)
	}
	sameProblem(t, answers)
	if m := meOf(w, token); len(m.Bindings) != 0 {
		t.Errorf("bound: %+v", m.Bindings)
	}
	bindByCode(w, token, fresh).Want(t, http.StatusCreated)
}

// TestAnInvitationBindsOnceUntilItsLastDay holds how a code may be typed.
func TestAnInvitationBindsOnceUntilItsLastDay(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	for name, typed := range map[string]func(string) string{
		"as it was given":       func(s string) string { return s },
		"in lower case":         strings.ToLower,
		"with dashes":           func(s string) string { return s[:3] + "-" + s[3:6] + "-" + s[6:] },
		"with spaces around it": func(s string) string { return "  " + strings.ToLower(s[:5]) + " " + s[5:] + "\n" },
	} {
		t.Run(name, func(t *testing.T) {
			p := hire(w, w.County.ID, "无手机", "", member.Member)
			code := invite(w, apptest.Admin, p.ID)
			if len(code) != 10 || strings.ContainsAny(code, "01OILU") {
				t.Errorf("code %s is easily misread", code)
			}
			w.Clock.Advance(14*24*time.Hour - time.Minute)
			token := w.LoginAs("openid-of-" + p.ID)
			var m me
			bindByCode(w, token, typed(code)).Into(t, http.StatusCreated, &m)
			if !m.Bound || m.Identity == nil || m.Identity.PersonID != p.ID || m.Bindings[0].Proof != "INVITATION" {
				t.Errorf("bound: %+v", m)
			}
			wantCode(t, bindByCode(w, token, code), http.StatusUnprocessableEntity, account.ErrNoMatch.Code)
		})
	}
}

// TestWhoIsBoundOrSuspendedGetsNoInvitation holds both refusals.
func TestWhoIsBoundOrSuspendedGetsNoInvitation(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	w.Token(apptest.Author)
	wantCode(t, w.Post(apptest.Admin, "/v1/people/"+w.Person(apptest.Author).ID+"/invite", nil), http.StatusConflict, account.ErrStillBound.Code)
	path := "/v1/people/" + w.Person(apptest.Suspended).ID
	w.Post(apptest.Admin, path+"/suspend", nil).Want(t, http.StatusOK)
	wantCode(t, w.Post(apptest.Admin, path+"/invite", nil), http.StatusConflict, account.ErrNotPossible.Code)
	if n := number(w, "SELECT COUNT(*) FROM invitations"); n != 0 {
		t.Errorf("%d invitations", n)
	}
}

// TestALostTelephoneIsUnboundFromTheNextRequestOn walks the change of a phone.
func TestALostTelephoneIsUnboundFromTheNextRequestOn(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	lost, path := w.Token(apptest.Author), "/v1/people/"+w.Person(apptest.Author).ID
	get(w, lost, "/v1/inbox").Want(t, http.StatusOK)

	w.Post(apptest.Staff, path+"/unbind", nil).Want(t, http.StatusOK)
	wantCode(t, get(w, lost, "/v1/inbox"), http.StatusForbidden, account.ErrNotBound.Code)
	if m := meOf(w, lost); m.Bound || m.Identity != nil || len(m.Bindings) != 0 {
		t.Errorf("the lost telephone is %+v", m)
	}
	wantCode(t, w.Post(apptest.Staff, path+"/unbind", nil), http.StatusNotFound, account.ErrNotFound.Code)

	found, code := w.LoginAs("openid-of-the-new-telephone"), invite(w, apptest.Staff, w.Person(apptest.Author).ID)
	bindByCode(w, found, code).Want(t, http.StatusCreated)
	get(w, found, "/v1/inbox").Want(t, http.StatusOK)
	wantCode(t, get(w, lost, "/v1/inbox"), http.StatusForbidden, account.ErrNotBound.Code)
	wantCode(t, get(w, w.Login(apptest.Author), "/v1/inbox"), http.StatusForbidden, account.ErrNotBound.Code)

	// A code that was used is used, also when its row is free again.
	w.Post(apptest.Staff, path+"/unbind", nil).Want(t, http.StatusOK)
	wantCode(t, bindByCode(w, lost, code), http.StatusUnprocessableEntity, account.ErrNoMatch.Code)
}

// TestAnEndedBindingTakesOpenInvitationsAlong holds that a code that was issued
// before the telephone was lost, and may lie on it, opens nothing after.
func TestAnEndedBindingTakesOpenInvitationsAlong(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	code := invite(w, apptest.Admin, w.Person(apptest.Author).ID)
	w.Token(apptest.Author) // by phone: the code is still open
	w.Post(apptest.Admin, "/v1/people/"+w.Person(apptest.Author).ID+"/unbind", nil).Want(t, http.StatusOK)
	wantCode(t, bindByCode(w, w.LoginAs("thief"), code), http.StatusUnprocessableEntity, account.ErrNoMatch.Code)
}

// TestASuspensionHoldsFromTheNextRequestOn holds that who is suspended may log
// out and see why, and comes back by a restoration.
func TestASuspensionHoldsFromTheNextRequestOn(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	token, path := w.Token(apptest.Author), "/v1/people/"+w.Person(apptest.Author).ID
	get(w, token, "/v1/inbox").Want(t, http.StatusOK)
	w.Post(apptest.Admin, path+"/suspend", nil).Want(t, http.StatusOK)
	for _, token := range []string{token, w.Login(apptest.Author)} {
		wantCode(t, get(w, token, "/v1/inbox"), http.StatusForbidden, account.ErrSuspended.Code)
		if m := meOf(w, token); !m.Suspended || m.Identity != nil || len(m.roles()) != 0 {
			t.Errorf("who is suspended is %+v", m)
		}
	}
	w.Post(apptest.Admin, path+"/restore", nil).Want(t, http.StatusOK)
	get(w, token, "/v1/inbox").Want(t, http.StatusOK)
	if m := meOf(w, token); m.Suspended || m.Identity == nil {
		t.Errorf("who is restored is %+v", m)
	}
	w.Post(apptest.Admin, path+"/suspend", nil).Want(t, http.StatusOK)
	post(w, token, "/v1/logout", nil).Want(t, http.StatusOK)
}

// TestASuspensionInOneBodyLeavesTheOther holds that the other identity is worn
// instead.
func TestASuspensionInOneBodyLeavesTheOther(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	hire(w, w.Other.ID, "同一人", w.Phone(apptest.Author), member.Leader)
	token := w.Token(apptest.Author)
	w.Post(apptest.Admin, "/v1/people/"+w.Person(apptest.Author).ID+"/suspend", nil).Want(t, http.StatusOK)
	post(w, token, "/v1/bindings/"+meOf(w, token).at(t, w.Other.Name).ID+"/choose", nil).Want(t, http.StatusOK)
	get(w, token, "/v1/inbox").Want(t, http.StatusOK)
	post(w, token, "/v1/bindings/"+meOf(w, token).at(t, w.County.Name).ID+"/choose", nil).Want(t, http.StatusOK)
	wantCode(t, get(w, token, "/v1/inbox"), http.StatusForbidden, account.ErrSuspended.Code)
}

// TestNobodySuspendsThemselves holds that an institution does not lock itself out.
func TestNobodySuspendsThemselves(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	id := w.Person(apptest.Admin).ID
	wantCode(t, w.Post(apptest.Admin, "/v1/people/"+id+"/suspend", nil), http.StatusConflict, member.ErrSelf.Code)
	for _, spelt := range []string{strings.ToUpper(id), "{" + id + "}", strings.ReplaceAll(id, "-", "")} {
		if a := w.Post(apptest.Admin, "/v1/people/"+spelt+"/suspend", nil); a.Status < 400 {
			t.Errorf("spelt %s: %d %s", spelt, a.Status, a.Body)
		}
	}
	w.Get(apptest.Admin, "/v1/people").Want(t, http.StatusOK)
}

// TestAttemptsToBindAreLimited holds the three limits, each by itself, and that
// a good code beyond the limit is refused too.
func TestAttemptsToBindAreLimited(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		limit int
		try   func(w *apptest.World, i int) apptest.Answer
		last  func(w *apptest.World) apptest.Answer // would bind but for the limit
	}{
		"of one account, by invitation": {
			2,
			func(w *apptest.World, _ int) apptest.Answer {
				return bindByCode(w, w.LoginAs("stranger"), "ABCDEFGHJK")
			},
			func(w *apptest.World) apptest.Answer {
				return w.Bind(w.LoginAs("stranger"), "stranger", w.Phone(apptest.Author))
			},
		},
		"of one account, by phone": {
			2,
			func(w *apptest.World, i int) apptest.Answer {
				return w.Bind(w.LoginAs("stranger"), "stranger", fmt.Sprintf("1390000000%d", i))
			},
			func(w *apptest.World) apptest.Answer {
				return w.Bind(w.LoginAs("stranger"), "stranger", w.Phone(apptest.Author))
			},
		},
		"of one phone number": {
			2,
			func(w *apptest.World, i int) apptest.Answer {
				openID := fmt.Sprintf("stranger-%d", i)
				return w.Bind(w.LoginAs(openID), openID, "13900000000")
			},
			func(w *apptest.World) apptest.Answer {
				if number(w, "SELECT COUNT(*) FROM people WHERE name = '新来的'") == 0 {
					hire(w, w.County.ID, "新来的", "13900000000", member.Member)
				}
				return w.Bind(w.LoginAs("good"), "good", "13900000000")
			},
		},
		"of one address": {
			1,
			func(w *apptest.World, i int) apptest.Answer {
				return bindByCode(w, w.LoginAs(fmt.Sprintf("stranger-%d", i)), "ABCDEFGHJK")
			},
			func(w *apptest.World) apptest.Answer {
				return w.Bind(w.LoginAs("good"), "good", w.Phone(apptest.Author))
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := apptest.New(t, limitsOf(1000, test.limit))
			tries := test.limit
			if name == "of one address" {
				tries = 10 * test.limit
			}
			for i := range tries {
				wantCode(t, test.try(w, i), http.StatusUnprocessableEntity, account.ErrNoMatch.Code)
			}
			wantCode(t, test.last(w), http.StatusTooManyRequests, account.ErrTooOften.Code)
			w.Clock.Advance(time.Hour)
			test.last(w).Want(t, http.StatusCreated)
		})
	}
}

// TestOneOfManyTelephonesGetsARow holds that a row is bound once, however many
// come for it at the same moment.
func TestOneOfManyTelephonesGetsARow(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	const telephones, rounds = 6, 6
	for round := range rounds {
		phone := fmt.Sprintf("1391111110%d", round)
		p := hire(w, w.County.ID, "抢手", phone, member.Member)
		code := invite(w, apptest.Admin, p.ID)
		answers := make([]apptest.Answer, telephones)
		var wg sync.WaitGroup
		for i := range telephones {
			openID := fmt.Sprintf("openid-%d-%d", round, i)
			token := w.LoginAs(openID)
			wg.Go(func() {
				if i%2 == 0 {
					answers[i] = w.Bind(token, openID, phone)
				} else {
					answers[i] = bindByCode(w, token, code)
				}
			})
		}
		wg.Wait()
		won := 0
		for _, a := range answers {
			if a.Status == http.StatusCreated {
				won++
			} else {
				wantCode(t, a, http.StatusUnprocessableEntity, account.ErrNoMatch.Code)
			}
		}
		if n := number(w, "SELECT COUNT(*) FROM bindings WHERE person_id = ? AND ended_at IS NULL", p.ID); won != 1 || n != 1 {
			t.Errorf("%d telephones were told that they are bound, %d are", won, n)
		}
	}
}
