package api_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"yanlu/internal/app/apptest"
	"yanlu/internal/audit"
	"yanlu/internal/handling"
	"yanlu/internal/member"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// ownActs are the acts of people with an identity that concern nobody but the
// caller. Whatever is not here, and is done by staff, is audited.
var ownActs = []string{"desk.confirm", "desk.refuse", "inbox.read", "inbox.read_many", "holiday.preview", "suggestion.preview_sheet", "opinion.preview_sheet", "proposal.preview_sheet", "proposal.check", "assignment.preview_sheet", "roster.preview"}

// shownReads are the reads that leave an entry.
var shownReads = map[string]audit.Kind{
	"undelivered.list": audit.Look, "invitation.read": audit.Look, "invitation.cards": audit.Export, "roster.export": audit.Export, "handover.export": audit.Export,
	"suggestion.export": audit.Export, "opinion.export": audit.Export, "proposal.export": audit.Export,
}

// kindOf is what an operation of the document says that it leaves.
func kindOf(op *operationOfDocument) audit.Kind {
	kind, _ := op.Extensions["x-audit"].(string)
	return audit.Kind(kind)
}

// TestEveryActOfStaffIsAudited walks the document: whatever changes something
// and asks for an identity is audited, unless it is listed above as one's own; a
// read only where it is listed as one that shows.
func TestEveryActOfStaffIsAudited(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	for path, item := range w.API.OpenAPI().Paths {
		for method, op := range map[string]*operationOfDocument{http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put, http.MethodPatch: item.Patch, http.MethodDelete: item.Delete} {
			if op == nil {
				continue
			}
			want := audit.Act
			switch access, _ := op.Extensions["x-access"].([]string); {
			case slices.Contains(access, "PUBLIC"), slices.Contains(access, "ACCOUNT"), slices.Contains(ownActs, op.OperationID):
				want = ""
			case shownReads[op.OperationID] != "":
				want = shownReads[op.OperationID]
			case method == http.MethodGet:
				want = ""
			}
			if got := kindOf(op); got != want {
				t.Errorf("%s %s (%s) leaves %q in the audit, want %q", method, path, op.OperationID, got, want)
			}
			if op.Summary == "" {
				t.Errorf("%s has no summary, which the audit shows", op.OperationID)
			}
		}
	}
}

func (s *stage) entries() []audit.Entry {
	s.T.Helper()
	return audited(s.World)
}

// TestWhoActsLeavesWhat asks every operation of the document as people in
// several roles, and counts: one entry of what was done by somebody who works,
// none of what was refused, none of what a member does, none of a replay.
func TestWhoActsLeavesWhat(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.bring(s.Matters.Heads()[0], handling.Handling)
	done := map[string]int{}
	for _, path := range slices.Sorted(maps.Keys(s.API.OpenAPI().Paths)) { // invited before suspended
		item := s.API.OpenAPI().Paths[path]
		for method, op := range map[string]*operationOfDocument{http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put, http.MethodPatch: item.Patch, http.MethodDelete: item.Delete} {
			if op == nil {
				continue
			}
			for _, p := range personas() {
				if !slices.Contains([]string{apptest.Author, apptest.Staff, apptest.Admin, apptest.Leader, apptest.LeadHandler, apptest.ForeignAdmin}, p.name) {
					continue
				}
				at, _ := s.subjectOf(path, p)
				call := apptest.Call{Method: method, Path: at, Body: s.bodyOf(op), Token: s.Login(p.name), Key: uuid.NewString()}
				before := len(s.entries())
				a := s.Send(call)
				got := s.entries()[before:]
				want := a.Status < 300 && kindOf(op) != "" && p.name != apptest.Author
				if !want {
					if len(got) != 0 {
						t.Errorf("%s by %s: %d, leaves %d entries", op.OperationID, p.relation, a.Status, len(got))
					}
					continue
				}
				done[op.OperationID]++
				if len(got) == 0 {
					t.Errorf("%s by %s: %d, leaves nothing", op.OperationID, p.relation, a.Status)
					continue
				}
				person := s.Person(p.name)
				for _, e := range got {
					if e.Action != op.OperationID || e.Kind != kindOf(op) || *e.PersonID != person.ID || e.InstitutionID != person.InstitutionID || e.Roles == "" || e.SubjectType == "" {
						t.Errorf("%s by %s leaves %+v", op.OperationID, p.relation, e)
					}
				}
				if strings.Contains(path, "{id}") && !strings.Contains(at, *got[0].SubjectID) {
					t.Errorf("%s on %s is kept as on %s", op.OperationID, at, *got[0].SubjectID)
				}
				if method != http.MethodGet {
					s.Send(call).Want(t, a.Status)
					if n := len(s.entries()) - before; n != len(got) {
						t.Errorf("%s: the replay leaves %d more", op.OperationID, n-len(got))
					}
				}
			}
		}
	}
	for _, id := range []string{"member.suspend", "member.phone", "account.invite", "account.unbind"} {
		if done[id] == 0 {
			t.Errorf("%s was never done", id)
		}
	}
}

// TestEveryStepOfStaffIsAudited takes every action of the flows that staff,
// leaders and units may take, once.
func TestEveryStepOfStaffIsAudited(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	check := func(x *subject, flow workflow.Table, r workflow.Rule) {
		name := who[r.Who[0]]
		before := len(s.entries())
		s.step(x, name, r)
		got := slices.DeleteFunc(s.entries()[before:], func(e audit.Entry) bool { return !strings.HasSuffix(x.path, *e.SubjectID) }) // what it is merged into came before
		if slices.Contains([]string{apptest.Author, apptest.CoAuthor, apptest.InvitedMember, apptest.OtherMember}, name) {
			if len(got) != 0 {
				t.Errorf("%s.%s of a member leaves %d entries", flow.Name, r.Action, len(got))
			}
			return
		}
		if len(got) != 1 || got[0].Action != flow.Name+"."+r.Action || !strings.HasSuffix(x.path, *got[0].SubjectID) || got[0].SubjectType != flow.Name {
			t.Errorf("%s.%s leaves %+v", flow.Name, r.Action, got)
		}
	}
	for _, h := range s.Matters.Heads() {
		for _, r := range h.Flow.Rules {
			if len(r.From) > 0 && len(r.Who) > 0 {
				x := s.bring(h, r.From[0])
				s.comeTo(h, r, x)
				check(&x, h.Flow, r)
			}
		}
		flow := s.Handling.FlowOf(h.Kind, handling.Lead)
		for _, r := range flow.Rules {
			if len(r.From) == 0 || len(r.Who) == 0 {
				continue
			}
			role := handling.Lead
			if slices.Contains(r.Who, handling.CoUnit) {
				role = handling.Co
			}
			if x, ok := s.bringAssignment(h, role, r.From[0]); ok {
				check(&x, flow, r)
			} else {
				t.Errorf("no assignment came to %s", r.From[0])
			}
		}
	}
}

type auditPage struct {
	Items []struct {
		ID, Operation, Label, Person, Kind, For string
		KindLabel                               string `json:"kind_label"`
		SubjectID                               string `json:"subject_id"`
		SubjectLabel                            string `json:"subject_label"`
		Roles                                   []struct{ Role, Label string }
		Sealed                                  bool
	}
	Next string
}

// TestTheAuditIsRead holds who reads it, in which words, and that it is narrowed
// and turned page by page.
func TestTheAuditIsRead(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	on := w.Person(apptest.Subject).ID
	for range 3 {
		w.Post(apptest.Admin, "/v1/people/"+on+"/suspend", nil).Want(t, http.StatusOK)
		w.Post(apptest.Staff, "/v1/people/"+on+"/restore", nil).Want(t, http.StatusOK)
	}
	w.Post(apptest.ForeignAdmin, "/v1/people/"+w.Person(apptest.ForeignMember).ID+"/suspend", nil).Want(t, http.StatusOK)
	for more := true; more; {
		var err error
		if more, err = w.Sealer.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	get := func(query string) auditPage {
		t.Helper()
		var p auditPage
		w.Get(apptest.Admin, "/v1/audit"+query).Into(t, http.StatusOK, &p)
		return p
	}
	all := get("")
	if len(all.Items) != 6 {
		t.Fatalf("%d lines", len(all.Items))
	}
	first := all.Items[0]
	if first.Operation != "member.restore" || first.Label != "恢复账号" || first.Person != apptest.Staff || first.KindLabel != "操作" ||
		first.SubjectID != on || first.SubjectLabel != "名册人员" || len(first.Roles) != 1 || first.Roles[0].Label != "信息科" || !first.Sealed {
		t.Errorf("%+v", first)
	}
	for query, want := range map[string]int{
		"?person=" + w.Person(apptest.Admin).ID: 3, "?operation=member.restore": 3, "?operation=none": 0, "?subject=" + on: 6,
		"?subject=" + store.NewID(): 0, "?operation=member.suspend&person=" + w.Person(apptest.Staff).ID: 0,
	} {
		if n := len(get(query).Items); n != want {
			t.Errorf("%s: %d lines, want %d", query, n, want)
		}
	}
	var turned []string
	for next := ""; ; {
		p := get("?limit=4&after=" + next)
		for _, x := range p.Items {
			turned = append(turned, x.ID)
		}
		if next = p.Next; next == "" {
			break
		}
	}
	if len(turned) != 6 || !slices.IsSortedFunc(turned, func(a, b string) int { return strings.Compare(b, a) }) {
		t.Errorf("page by page: %v", turned)
	}
	for name, status := range map[string]int{
		apptest.Leader: http.StatusOK, apptest.Staff: http.StatusForbidden, apptest.Author: http.StatusForbidden, apptest.LeadHandler: http.StatusForbidden,
	} {
		w.Get(name, "/v1/audit").Want(t, status)
	}
	w.Get(apptest.Admin, "/v1/audit?person=urn:uuid:"+on).Want(t, http.StatusUnprocessableEntity)
	if labels := member.Roles(); labels[member.InfoStaff] != "信息科" {
		t.Error("the test's own words are old")
	}
}
