package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"yanlu/internal/app/apptest"
	"yanlu/internal/attachment/attachmenttest"
	"yanlu/internal/institution"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

// meSeen is what GET /v1/me answers, as far as tests look.
type meSeen struct {
	Identity *struct {
		Units   []struct{ ID, Name string }
		May     []string
		HandsIn []struct {
			Kind     string
			Own      bool
			Bodies   []bodySaid
			AnyBody  []matter.BodyKind `json:"any_body"`
			OnBehalf bool              `json:"on_behalf"`
			OnPaper  bool              `json:"on_paper"`
		} `json:"hands_in"`
		Works, Waits, Oversees bool
	}
}

// bodySaid is a body as the answer names it.
type bodySaid struct {
	Kind   matter.BodyKind
	UnitID string `json:"unit_id"`
	Name   string
}

func meOf(w *apptest.World, name string) meSeen {
	w.T.Helper()
	var me meSeen
	w.Get(name, "/v1/me").Into(w.T, http.StatusOK, &me)
	return me
}

// addCast puts into the county somebody for every role, somebody for a unit of every
// kind and for one that is closed, and members of a sector that is another or has
// ended; each is alone in what they are.
func addCast(w *apptest.World) (names []string, units []institution.Unit) {
	w.T.Helper()
	now, n := w.Clock.Now(), 0
	w.Write(func(tx *store.Tx) error {
		add := func(name, sector, group string, role member.Role, unit string) error {
			n++
			phone := fmt.Sprintf("1390000%04d", n)
			p, err := w.People.Add(tx, now, member.NewPerson{InstitutionID: w.County.ID, Name: name, Phone: phone, Sector: sector, GroupName: group})
			if err != nil {
				return err
			}
			member.Appoint(tx, now, p, role, unit)
			w.Enrol(p, phone)
			names = append(names, name)
			return nil
		}
		member.AddDivision(tx, now, w.County.ID, member.Sector, "经济界", 2)
		ended := member.AddDivision(tx, now, w.County.ID, member.Sector, "特邀界", 3)
		tx.Exec("UPDATE divisions SET ended_at = ? WHERE id = ?", now, ended.ID)
		for role := range member.Roles() {
			if member.OfUnit(role) {
				continue
			}
			if err := add("只是"+string(role), "", "", role, ""); err != nil {
				return err
			}
		}
		if err := add("经济界委员", "经济界", "第一联络组", member.Member, ""); err != nil {
			return err
		}
		if err := add("特邀界委员", "特邀界", "", member.Member, ""); err != nil {
			return err
		}
		for i, kind := range institution.UnitKinds() {
			u := institution.AddUnit(tx, now, w.County.ID, "言城县"+kind.Label(), kind)
			units = append(units, u)
			role := []member.Role{member.UnitHandler, member.UnitLeader}[i%2]
			if kind == institution.Committee {
				role = member.CommitteeStaff
			}
			if err := add(u.Name+"的人", "", "", role, u.ID); err != nil {
				return err
			}
		}
		closed := institution.AddUnit(tx, now, w.County.ID, "言城县已撤销支部", institution.Party)
		tx.Exec("UPDATE units SET ended_at = ? WHERE id = ?", now, closed.ID)
		units = append(units, closed)
		return add("已撤销支部的人", "", "", member.UnitHandler, closed.ID)
	})
	slices.Sort(names)
	return names, units
}

// bodyKindOf is what a unit of a kind is as an author.
func bodyKindOf(kind institution.UnitKind) matter.BodyKind {
	by := map[institution.UnitKind]matter.BodyKind{
		institution.Party: matter.PartyBody, institution.PeopleGroup: matter.GroupBody, institution.Committee: matter.CommitteeBody,
		institution.Studio: matter.StudioBody, institution.LiaisonGroup: matter.PanelBody, institution.StudyGroup: matter.PanelBody,
	}
	if k := by[kind]; k != "" {
		return k
	}
	return matter.UnitBody
}

// way is one way of handing in a kind: what is said of it, and what is sent.
type way struct {
	name string
	said bool
	body map[string]any
}

// waysOf lists every way of handing in a kind, each with whether somebody is told that
// it is theirs.
func waysOf(w *apptest.World, name, kind string, units []institution.Unit) []way {
	w.T.Helper()
	var said struct {
		own, behalf, paper bool
		bodies             []bodySaid
		anyBody            []matter.BodyKind
	}
	for _, h := range meOf(w, name).Identity.HandsIn {
		if h.Kind == kind {
			said.own, said.behalf, said.paper, said.bodies, said.anyBody = h.Own, h.OnBehalf, h.OnPaper, h.Bodies, h.AnyBody
		}
	}
	ways := []way{
		{"in their own name", said.own, map[string]any{}},
		{"for a member", said.behalf, map[string]any{"on_behalf_of": w.Person(apptest.Subject).ID}},
		{"from paper", said.paper, map[string]any{"paper": map[string]any{"date": "2026-03-03", "person_id": w.Person(apptest.CoAuthor).ID}}},
	}
	if kind == "suggestion" { // which names no body
		if len(said.bodies)+len(said.anyBody) > 0 {
			w.T.Errorf("%s is told of bodies for a %s: %+v", name, kind, said)
		}
		return ways
	}
	body := func(b bodySaid) {
		more := map[string]any{"body_kind": b.Kind, "body_name": b.Name}
		if b.UnitID != "" {
			more = map[string]any{"body_kind": b.Kind, "body_unit_id": b.UnitID}
		}
		told := slices.Contains(said.bodies, b) || b.UnitID != "" && slices.Contains(said.anyBody, b.Kind)
		if kind == "proposal" {
			if b.Kind == matter.UnitBody || b.Kind == matter.StudioBody { // which propose nothing
				if told {
					w.T.Errorf("%s is told that %s proposes", name, b.Name)
				}
				return
			}
			more = map[string]any{"proposer": b.Kind, "body_name": b.Name, "seal": []string{w.Uploaded(name, "盖章.png", attachmenttest.PNG(8, 8))}}
		}
		ways = append(ways, way{"for " + b.Name, told, more})
	}
	for _, u := range append(slices.Clone(w.Units), units...) {
		if !strings.Contains(u.Name, "已撤销") {
			body(bodySaid{bodyKindOf(u.Kind), u.ID, u.Name})
		} else if slices.ContainsFunc(said.bodies, func(b bodySaid) bool { return b.UnitID == u.ID }) {
			w.T.Errorf("%s is told of a closed unit", name)
		}
	}
	for _, sector := range []string{"农业界", "经济界", "特邀界"} {
		body(bodySaid{matter.SectorBody, "", sector})
	}
	body(bodySaid{matter.PanelBody, "", "第一联络组"})
	return ways
}

// TestHandsInIsWhatSubmittingDoes: whoever is told that they may hand in a kind in some
// name may, and whoever is not may not: everybody of the matrix, somebody of every role
// and of every kind of unit, in a small office and in a divided one.
func TestHandsInIsWhatSubmittingDoes(t *testing.T) {
	t.Parallel()
	refusals := []string{"request.forbidden", "matter.not_yours", "matter.body", "opinion.behalf", "proposal.not_of"}
	samples := map[string]func(map[string]any) map[string]any{
		"suggestion": content,
		"opinion":    func(more map[string]any) map[string]any { return report("关于改善就医取药的建议", more) },
		"proposal": func(more map[string]any) map[string]any {
			return motion("关于改善城乡公交衔接的建议", more)
		},
	}
	for _, profile := range []institution.Profile{institution.SmallOffice, institution.Divided} {
		t.Run(string(profile), func(t *testing.T) {
			t.Parallel()
			w := apptest.New(t)
			w.Write(func(tx *store.Tx) error {
				tx.Exec("UPDATE institutions SET profile = ? WHERE id = ?", profile, w.County.ID)
				return nil
			})
			names, units := addCast(w)
			for _, p := range personas() {
				if p.refused == "" && !strings.HasPrefix(p.name, "外县") {
					names = append(names, p.name)
				}
			}
			yes, no := 0, 0
			for _, name := range names {
				for kind, sample := range samples {
					for _, x := range waysOf(w, name, kind, units) {
						a := w.Post(name, "/v1/"+kind+"s", sample(x.body))
						switch {
						case x.said && a.Status == http.StatusCreated:
							yes++
						case !x.said && slices.Contains(refusals, a.Code()):
							no++
						default:
							t.Errorf("%s hands in a %s %s: told %t, and then %d %s", name, kind, x.name, x.said, a.Status, a.Body)
						}
					}
				}
			}
			if yes < 50 || no < 50 {
				t.Errorf("%d ways were open and %d were not", yes, no)
			}
			t.Logf("%d ways open, %d not", yes, no)
		})
	}
}

// TestMayIsWhatIsOpen: of the operations that some roles open, those are named which
// let somebody through, and no other; what is open to everybody is left out.
func TestMayIsWhatIsOpen(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	w.Write(func(tx *store.Tx) error {
		tx.Exec("UPDATE institutions SET profile = ? WHERE id = ?", institution.Divided, w.County.ID)
		return nil
	})
	names, _ := addCast(w)
	yes, no := 0, 0
	for _, name := range append(names, apptest.ForeignStaff, apptest.ForeignMember) {
		may := meOf(w, name).Identity.May
		for path, item := range w.API.OpenAPI().Paths {
			for method, op := range map[string]*operationOfDocument{http.MethodGet: item.Get, http.MethodPost: item.Post} {
				if op == nil {
					continue
				}
				named := slices.Contains(may, op.OperationID)
				if access := op.Extensions["x-access"].([]string); slices.Contains([]string{"PUBLIC", "ACCOUNT", "BOUND"}, access[0]) {
					if named {
						t.Errorf("%s is named to %s, and open to everybody", op.OperationID, name)
					}
					continue
				}
				at := strings.NewReplacer("{id}", store.NewID(), "{action}", "urge").Replace(path)
				a := w.Send(apptest.Call{Method: method, Path: at, Token: w.Token(name)}) // with nothing to do
				if a.Status >= http.StatusInternalServerError || named == (a.Code() == "request.forbidden") {
					t.Errorf("%s by %s: named %t, and then %d %s", op.OperationID, name, named, a.Status, a.Code())
				}
				if named {
					yes++
				} else {
					no++
				}
			}
		}
	}
	if yes < 100 || no < 100 {
		t.Errorf("%d were named and %d were not", yes, no)
	}
}

// TestWhoWorksHasAQueue: with matters of every kind in every state, those have
// something from others in their queue who are told that they work on it.
func TestWhoWorksHasAQueue(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, h := range s.Matters.Heads() {
		for _, state := range h.Flow.States {
			s.bring(h, state.Name)
		}
	}
	for _, p := range personas() {
		if p.refused != "" || p.name == apptest.OtherHandler || strings.HasPrefix(p.name, "外县") { // nothing was handed to them
			continue
		}
		waits := false
		for _, holder := range []string{"office", "unit"} {
			var q struct{ Items []struct{ Title string } }
			s.Get(p.name, "/v1/work?limit=1&holder="+holder).Into(t, http.StatusOK, &q)
			waits = waits || len(q.Items) > 0
		}
		me := meOf(s.World, p.name).Identity
		if me.Works != waits {
			t.Errorf("%s is told %t, and something waits: %t", p.relation, me.Works, waits)
		}
		var q struct{ Items []struct{ Title string } }
		s.Get(p.name, "/v1/work?limit=1").Into(t, http.StatusOK, &q)
		if len(q.Items) > 0 && !me.Waits {
			t.Errorf("for %s something waits, and they are told that nothing can", p.relation)
		}
	}
	for name, want := range map[string]bool{apptest.Author: true, apptest.OtherMember: true, apptest.OtherHandler: true, apptest.Admin: false} {
		if got := meOf(s.World, name).Identity.Waits; got != want {
			t.Errorf("%s is told that something may wait: %t", name, got)
		}
	}
}

// TestMeAsksLittle: whoever asks who they are costs a few queries, however much they
// may do.
func TestMeAsksLittle(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	n := countQueries(w)
	for _, name := range []string{apptest.Author, apptest.Staff, apptest.LeadHandler, apptest.Admin} {
		w.Token(name)
		before := n.Load()
		w.Get(name, "/v1/me").Want(t, http.StatusOK)
		if k := n.Load() - before; k > 3 { // the session, the identities, what one belongs to
			t.Errorf("%s asks %d queries", name, k)
		}
	}
	if me := meOf(w, apptest.LeadHandler); len(me.Identity.Units) != 1 || me.Identity.Units[0].ID != w.Units[0].ID || me.Identity.Oversees {
		t.Errorf("a unit's handler is %+v", me.Identity)
	}
	if me := meOf(w, apptest.Staff); !me.Identity.Oversees || len(me.Identity.Units) != 0 {
		t.Errorf("the office is %+v", me.Identity)
	}
}
