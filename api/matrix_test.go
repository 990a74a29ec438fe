package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"yanlu/internal/app/apptest"
	"yanlu/internal/calendar"
	"yanlu/internal/handling"
	"yanlu/internal/institution"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/notify"
	"yanlu/internal/phrase"
	"yanlu/internal/proposal"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// persona is somebody who tries everything, with what they are to the matter.
type persona struct {
	relation string
	name     string // of the world; empty: nobody is logged in
	parties  []workflow.Party
	sees     func(h matter.Head, s workflow.Status) bool // the matter, in a state
	refused  string                                      // code before any subject is looked at
}

// unbound is the name of a telephone that is bound to nobody.
const unbound = "(unbound)"

func always(matter.Head, workflow.Status) bool { return true }
func never(matter.Head, workflow.Status) bool  { return false }

// handedIn reports whether anybody but its author knows of a matter.
func handedIn(_ matter.Head, s workflow.Status) bool { return s != matter.Draft }

// opened reports whether leaders know of a matter: it is handed in, and its kind
// does not close it to them.
func opened(h matter.Head, s workflow.Status) bool {
	if s == matter.Merged { // into one that was just handed in
		s = h.Flow.Rules[0].To[0]
	}
	return s != matter.Draft && !slices.Contains(h.Reach.Closed, s)
}

// handled reports whether units know of a matter in a state.
func handled(_ matter.Head, s workflow.Status) bool {
	return slices.Contains([]workflow.Status{handling.Handling, handling.Replied, handling.Unsatisfied, handling.Closed}, s)
}

// translated reports whether translators know of a matter in a state.
func translated(_ matter.Head, s workflow.Status) bool {
	return s == proposal.Translating || s == proposal.TranslationDone
}

func personas() []persona {
	staff := member.Actor{Profile: institution.SmallOffice, Held: []member.Held{{Role: member.InfoStaff}}}.Roles()
	return []persona{
		{"author", apptest.Author, []workflow.Party{member.Member, matter.FirstAuthor, matter.AnyAuthor}, always, ""},
		{"co-author", apptest.CoAuthor, []workflow.Party{member.Member, matter.AnyAuthor}, handedIn, ""},
		{"invited co-author", apptest.InvitedMember, []workflow.Party{member.Member, matter.Invited}, handedIn, ""},
		{"other member", apptest.OtherMember, []workflow.Party{member.Member}, never, ""},
		{"lead unit", apptest.LeadHandler, []workflow.Party{member.UnitHandler}, handled, ""},
		{"co-unit", apptest.CoHandler, []workflow.Party{member.UnitHandler}, handled, ""},
		{"other unit", apptest.OtherHandler, []workflow.Party{member.UnitHandler}, never, ""},
		{"information staff", apptest.Staff, staff, handedIn, ""},
		{"proposal staff", apptest.ProposalStaff, staff, handedIn, ""},
		{"leader", apptest.Leader, []workflow.Party{member.Leader}, opened, ""},
		{"translator", apptest.Translator, []workflow.Party{member.Translator}, translated, ""},
		{"administrator", apptest.Admin, []workflow.Party{member.PlatformAdmin}, never, ""},
		{"staff of another institution", apptest.ForeignStaff, staff, never, ""},
		{"member of another institution", apptest.ForeignMember, []workflow.Party{member.Member}, never, ""},
		{"administrator of another institution", apptest.ForeignAdmin, []workflow.Party{member.PlatformAdmin}, never, ""},
		{"suspended", apptest.Suspended, nil, never, "account.suspended"},
		{"unbound", unbound, nil, never, "account.not_bound"},
		{"nobody", "", nil, never, "account.no_session"},
	}
}

// stage is a world in which everybody of the matrix has a telephone.
type stage struct {
	*apptest.World
	unbound string
	said    int                     // texts
	mode    handling.Mode           // in which a matter is handed over; empty: as the example says
	kept    map[matter.Kind]subject // by kind, a matter in the hands of units that no act has changed yet
	targets map[matter.Kind]string  // by kind, one that takes others in
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{World: apptest.New(t), kept: map[matter.Kind]subject{}, targets: map[matter.Kind]string{}}
	s.unbound = s.LoginAs("openid-of-nobody")
	s.Token(apptest.Suspended)
	s.Post(apptest.Admin, "/v1/people/"+s.Person(apptest.Suspended).ID+"/suspend", nil).Want(t, http.StatusOK)
	for name, value := range map[string]any{ // so that everything that may be done can be
		"handling.mutual_marks": true, "handling.outcomes": []any{map[string]any{"code": "A", "label": "列入计划", "short": "列入计划", "follow_up": true}},
	} {
		s.Post(apptest.Admin, "/v1/settings", map[string]any{"name": name, "value": value}).Want(t, http.StatusOK)
	}
	return s
}

func (s *stage) token(name string) string {
	if name == unbound {
		return s.unbound
	}
	return s.Token(name)
}

func (s *stage) send(name, method, path string, body any) apptest.Answer {
	s.T.Helper()
	return s.Send(apptest.Call{Method: method, Path: path, Body: body, Token: s.token(name)})
}

// who is the person who plays a party on the way to a state.
var who = map[workflow.Party]string{
	member.Member: apptest.Author, matter.FirstAuthor: apptest.Author, matter.AnyAuthor: apptest.Author, matter.Invited: apptest.InvitedMember,
	member.InfoStaff: apptest.Staff, member.ProposalStaff: apptest.ProposalStaff, member.Leader: apptest.Leader,
	member.Translator: apptest.Translator, handling.AnyUnit: apptest.LeadHandler, handling.LeadUnit: apptest.LeadHandler, handling.CoUnit: apptest.CoHandler,
}

// head is the kind of a subject; that of an assignment has no input that asks.
func (s *stage) head(x subject) matter.Head {
	for _, h := range s.Matters.Heads() {
		if strings.HasPrefix(x.path, base(h.Kind)+"/") {
			return h
		}
	}
	return matter.Head{}
}

// sample is a good input for a rule of a kind, from the examples in its tags.
func (s *stage) sample(h matter.Head, rule workflow.Rule, version int64) map[string]any {
	s.T.Helper()
	body := map[string]any{}
	units := s.Units
	for _, f := range reflect.VisibleFields(reflect.TypeOf(rule.Input)) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous || name == "":
		case name == "version":
			body[name] = version
		case strings.HasPrefix(f.Tag.Get("widget"), "paper"), f.Tag.Get("widget") == "person", strings.HasPrefix(name, "body_"):
		case f.Tag.Get("options") == "members":
			body[name] = []string{s.Person(apptest.CoAuthor).ID, s.Person(apptest.InvitedMember).ID}
		case f.Tag.Get("options") == "colleagues":
			body[name] = s.Person(apptest.ProposalStaff).ID
		case f.Tag.Get("options") == "kinds":
			body[name] = s.Matters.Convertible(h.Kind)[0].Kind
		case f.Tag.Get("options") == "matters":
			body[name] = s.target(h)
		case name == "mode" && s.mode != "":
			body[name] = s.mode
		case name == "unit_id": // instead of one that has it
			body[name] = s.Units[2].ID
		case f.Tag.Get("options") == "units" && f.Type.Kind() == reflect.Slice:
			body[name], units = []string{units[0].ID}, units[1:]
		case f.Tag.Get("options") == "units":
			body[name], units = units[0].ID, units[1:]
		case f.Type.Kind() == reflect.String:
			body[name] = s.words(f)
		default:
			var v any
			if err := json.Unmarshal([]byte(f.Tag.Get("example")), &v); err != nil {
				s.T.Fatalf("action %s: field %s needs an example", rule.Action, name)
			}
			body[name] = v
		}
	}
	return body
}

// target is a matter that takes others in, the same until an act has been done.
func (s *stage) target(h matter.Head) string {
	s.T.Helper()
	if s.targets[h.Kind] == "" {
		s.targets[h.Kind] = s.bring(h, h.MergeInto[0]).matter
	}
	return s.targets[h.Kind]
}

// words is the example of a text; what people write is another every time.
func (s *stage) words(f reflect.StructField) string {
	example, most := f.Tag.Get("example"), f.Tag.Get("maxLength")
	s.said++
	other := fmt.Sprintf("%s（%d）", example, s.said)
	if n, err := strconv.Atoi(most); f.Tag.Get("widget") != "text" || example == "" || err != nil || utf8.RuneCountInString(other) > n {
		return example
	}
	return other
}

// subject is a matter or an assignment on its way.
type subject struct {
	path    string // of the thing
	status  workflow.Status
	version int64
	matter  string // identifier of the matter
}

func base(kind matter.Kind) string { return "/v1/" + string(kind) + "s" }

// open hands a matter in, with one co-author who agreed and one who was asked; or
// begins it as a draft, where it is to come to a state that leads to.
func (s *stage) open(h matter.Head, as ...workflow.Status) subject {
	s.T.Helper()
	path, rule := base(h.Kind), h.Flow.Rules[0]
	if len(as) > 0 && as[0] != rule.To[0] && route(h.Flow, rule.To[0], as[0]) == nil { // the way there begins with a draft
		path += "/drafts"
		rule, _ = h.Flow.Rule("draft")
	}
	var v state
	s.send(apptest.Author, http.MethodPost, path, s.sample(h, rule, 0)).Into(s.T, http.StatusCreated, &v)
	s.agree(v.ID)
	return subject{base(h.Kind) + "/" + v.ID, workflow.Status(v.Status), v.Version, v.ID}
}

// agree lets one of the co-authors who are asked agree.
func (s *stage) agree(matterID string) {
	s.T.Helper()
	s.Write(func(tx *store.Tx) error {
		tx.Exec("UPDATE authors SET consent = 'GIVEN' WHERE matter_id = ? AND person_id = ? AND consent = 'ASKED'", matterID, s.Person(apptest.CoAuthor).ID)
		return nil
	})
}

// route finds the actions that lead from one state to another.
func route(flow workflow.Table, from, to workflow.Status) []workflow.Rule {
	type stop struct {
		at  workflow.Status
		way []workflow.Rule
	}
	seen, queue := map[workflow.Status]bool{}, []stop{{from, nil}}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		if s.at == to {
			return s.way
		}
		for _, r := range flow.Rules {
			if len(r.To) > 0 && slices.Contains(r.From, s.at) && !seen[r.To[0]] {
				seen[r.To[0]] = true
				queue = append(queue, stop{r.To[0], append(slices.Clone(s.way), r)})
			}
		}
	}
	return nil
}

// bring takes a new matter to a state, by real acts.
func (s *stage) bring(h matter.Head, to workflow.Status) subject {
	s.T.Helper()
	return s.lead(h, s.open(h, to), to)
}

// lead takes a matter that is there to a state, by real acts.
func (s *stage) lead(h matter.Head, x subject, to workflow.Status) subject {
	s.T.Helper()
	for _, r := range route(h.Flow, x.status, to) {
		if len(r.Who) == 0 { // the system's: the tail comes to its end
			s.finish(x.matter)
		} else {
			s.step(&x, who[r.Who[0]], r)
			s.agree(x.matter)
		}
		x = s.read(h, x)
	}
	if x.status != to {
		s.T.Fatalf("%s came to %s, want %s", h.Kind, x.status, to)
	}
	return x
}

func (s *stage) read(h matter.Head, x subject) subject {
	s.T.Helper()
	var v state
	s.send(apptest.Author, http.MethodGet, base(h.Kind)+"/"+x.matter, nil).Into(s.T, http.StatusOK, &v)
	x.status, x.version = workflow.Status(v.Status), v.Version
	return x
}

func (s *stage) step(x *subject, name string, r workflow.Rule) {
	s.T.Helper()
	var v state
	s.send(name, http.MethodPost, x.path+"/"+r.Action, s.sample(s.head(*x), r, x.version)).Into(s.T, http.StatusOK, &v)
	x.status, x.version = workflow.Status(v.Status), v.Version
}

// assignments returns the assignments of a matter, by role.
func (s *stage) assignments(matterID string) map[handling.Role]subject {
	s.T.Helper()
	var rows []handling.Assignment
	if err := s.DB.Gorm(s.T.Context()).Where("matter_id = ?", matterID).Order("id DESC").Find(&rows).Error; err != nil {
		s.T.Fatal(err)
	}
	by := map[handling.Role]subject{}
	for _, r := range rows {
		by[r.Role] = subject{"/v1/assignments/" + r.ID, r.Status, r.Version, matterID}
	}
	return by
}

// tailOf is the life of the assignments of a matter.
func (s *stage) tailOf(matterID string, role handling.Role) workflow.Table {
	s.T.Helper()
	return s.Handling.FlowOf(matter.Kind(s.one("SELECT kind FROM matters WHERE id = ?", matterID)), role)
}

// finish lets the lead unit answer and the answer pass.
func (s *stage) finish(matterID string) {
	s.T.Helper()
	lead := s.assignments(matterID)[handling.Lead]
	for _, r := range route(s.tailOf(matterID, handling.Lead), lead.status, handling.AnswerGiven) {
		s.step(&lead, who[r.Who[0]], r)
	}
}

// release lets the lead unit go, with nobody in its place.
func (s *stage) release(matterID string) {
	s.T.Helper()
	lead := s.assignments(matterID)[handling.Lead]
	act(s.World, apptest.LeadHandler, lead.path+"/ask_return", map[string]any{"version": lead.version, "reason": "不属于我单位职责。"})
	act(s.World, apptest.Staff, lead.path+"/allow_return", map[string]any{"version": lead.version + 1})
}

// want is the code that a persona's action must get; empty where it is done.
func want(p persona, flow workflow.Table, r workflow.Rule, in workflow.Status, parties []workflow.Party, sees bool, missing string) string {
	switch {
	case p.refused != "":
		return p.refused
	case !sees:
		return missing
	}
	switch _, refusal := flow.Allow(r.Action, in, parties); refusal {
	case workflow.NotYours:
		return "matter.not_yours"
	case workflow.NotNow:
		return "matter.not_now"
	default:
		return ""
	}
}

// tried are those who try an action in a state: everybody who has to do with it,
// and one of the strangers, to whom it makes no difference in which state what they
// may not see is; they take turns, so that each of them tries each action somewhere.
func tried(turn int, known func(persona) bool) []persona {
	var all, strangers []persona
	for _, p := range personas() {
		if known(p) {
			all = append(all, p)
		} else {
			strangers = append(strangers, p)
		}
	}
	return append(all, strangers[turn%len(strangers)])
}

// knows reports whether a persona sees a matter of a kind in any state.
func knows(h matter.Head) func(persona) bool {
	return func(p persona) bool {
		return slices.ContainsFunc(h.Flow.States, func(s workflow.State) bool { return p.sees(h, s.Name) })
	}
}

// comeTo brings about what a rule waits for beside the state: that the clock has run
// out, or that there is an answer; see answerOriginal.
func (s *stage) comeTo(h matter.Head, r workflow.Rule, x subject) (answered bool) {
	s.T.Helper()
	if r.Late {
		s.Write(func(tx *store.Tx) error {
			tx.Exec("UPDATE deadlines SET due_at = ? WHERE matter_id = ? AND met_at IS NULL", s.Clock.Now().Add(-time.Second), x.matter)
			return nil
		})
	}
	return s.answerOriginal(h, r, x)
}

// answerOriginal has what a matter was merged into answered, where a rule is about
// that answer.
func (s *stage) answerOriginal(h matter.Head, r workflow.Rule, x subject) bool {
	s.T.Helper()
	if _, on := r.Input.(matter.OnMerged); !on || x.status != matter.Merged {
		return false
	}
	into := s.one("SELECT merged_into FROM matters WHERE id = ?", x.matter)
	delete(s.targets, h.Kind) // which it may be
	s.lead(h, s.read(h, subject{path: base(h.Kind) + "/" + into, matter: into}), handling.Replied)
	return true
}

// TestMatrixOfMatters tries every action of every kind, in every state, as
// everybody; see tried.
func TestMatrixOfMatters(t *testing.T) {
	t.Parallel()
	for _, h := range newStage(t).Matters.Heads() {
		t.Run(string(h.Kind), func(t *testing.T) {
			t.Parallel()
			t.Logf("%d cells", newStage(t).matterCells(h))
		})
	}
}

// matterCells tries the actions of a kind, and returns how many cells that were.
func (s *stage) matterCells(h matter.Head) (cells int) {
	s.T.Helper()
	for turn, state := range h.Flow.States {
		x := s.bring(h, state.Name)
		for _, r := range h.Flow.Rules {
			if len(r.From) == 0 || len(r.Who) == 0 {
				continue
			}
			turn++
			answered := s.comeTo(h, r, x)
			for _, p := range tried(turn, knows(h)) {
				cells++
				sees := p.sees(h, state.Name) || answered && slices.Contains([]string{apptest.LeadHandler, apptest.CoHandler, apptest.Leader}, p.name)
				if p.name == apptest.LeadHandler || p.name == apptest.CoHandler { // some ways to the end lead past units
					sees = sees && (answered || len(s.assignments(x.matter)) > 0)
				}
				code := want(p, h.Flow, r, state.Name, p.parties, sees, "matter.not_found")
				a := s.send(p.name, http.MethodPost, x.path+"/"+r.Action, s.sample(h, r, x.version))
				if a.Code() != code || (code == "") != (a.Status == http.StatusOK) {
					s.T.Errorf("%s in %s, %s by %s: %d %q, want %q: %s", h.Kind, state.Name, r.Action, p.relation, a.Status, a.Code(), code, a.Body)
				}
				if a.Status == http.StatusOK {
					clear(s.targets)
					x = s.bring(h, state.Name)
					answered = s.comeTo(h, r, x)
				}
			}
			if answered || r.Late {
				x = s.bring(h, state.Name)
			}
		}
	}
	return cells
}

// bringAssignment takes the assignment of a role to a state, by real acts.
func (s *stage) bringAssignment(h matter.Head, role handling.Role, to workflow.Status) (subject, bool) {
	s.T.Helper()
	m := s.bring(h, handling.Handling)
	x := s.assignments(m.matter)[role]
	way := route(s.Handling.FlowOf(h.Kind, role), x.status, to)
	if way == nil && x.status != to {
		return x, false
	}
	for _, r := range way {
		if len(r.Who) == 0 {
			if role != handling.Co {
				return x, false // only what others no longer need ends by itself
			}
			if to == handling.Recalled {
				s.release(m.matter)
			} else {
				s.finish(m.matter)
			}
			x = s.assignments(m.matter)[role]
			continue
		}
		name := who[r.Who[0]]
		if role == handling.Co && r.Who[0] == handling.AnyUnit {
			name = apptest.CoHandler
		}
		if slices.Contains(r.Who, handling.LeadUnit) && role == handling.Co || slices.Contains(r.Who, handling.CoUnit) && role != handling.Co {
			return x, false // not on this role's way
		}
		s.step(&x, name, r)
	}
	return x, x.status == to
}

// TestMatrixOfAssignments tries every action on the assignments of a lead unit, a
// co-unit and one that answers by itself, in every state that each can come to, as
// everybody; see tried.
func TestMatrixOfAssignments(t *testing.T) {
	t.Parallel()
	for _, h := range newStage(t).Matters.Heads() {
		t.Run(string(h.Kind), func(t *testing.T) {
			t.Parallel()
			s, cells, reached := newStage(t), 0, map[workflow.Status]bool{}
			for _, role := range []handling.Role{handling.Lead, handling.Co, handling.Separate} {
				if s.mode = ""; role == handling.Separate {
					if r, _ := h.Flow.Rule("dispatch"); reflect.TypeOf(r.Input) != reflect.TypeFor[handling.HandOverInput]() {
						continue
					}
					s.mode = handling.Separated
				}
				cells += s.assignmentCells(h, role, reached)
			}
			for _, state := range s.Handling.FlowOf(h.Kind, handling.Lead).States {
				if !reached[state.Name] {
					t.Errorf("no assignment came to %s", state.Name)
				}
			}
			t.Logf("%d cells", cells)
		})
	}
}

// assignmentCells tries the actions on assignments of a role, notes which states
// they came to, and returns how many cells that were.
func (s *stage) assignmentCells(h matter.Head, role handling.Role, reached map[workflow.Status]bool) (cells int) {
	s.T.Helper()
	flow := s.Handling.FlowOf(h.Kind, role)
	known := func(p persona) bool {
		_, sees := assignmentParties(p, role, handling.Dispatched)
		return sees
	}
	for turn, state := range flow.States {
		x, ok := s.bringAssignment(h, role, state.Name)
		if !ok {
			continue
		}
		reached[state.Name] = true
		for _, r := range flow.Rules {
			if len(r.From) == 0 || len(r.Who) == 0 {
				continue
			}
			turn++
			for _, p := range tried(turn, known) {
				cells++
				parties, sees := assignmentParties(p, role, state.Name)
				code := want(p, flow, r, state.Name, parties, sees, "handling.not_found")
				a := s.send(p.name, http.MethodPost, x.path+"/"+r.Action, s.sample(h, r, x.version))
				if a.Code() != code || (code == "") != (a.Status == http.StatusOK) {
					s.T.Errorf("%s of %s in %s, %s by %s: %d %q, want %q: %s", role, h.Kind, state.Name, r.Action, p.relation, a.Status, a.Code(), code, a.Body)
				}
				if a.Status == http.StatusOK {
					x, _ = s.bringAssignment(h, role, state.Name)
				}
			}
		}
	}
	return cells
}

// assignmentParties is what a persona is to an assignment of a role, and
// whether it is theirs to see: the office and leaders do, and its own unit as long
// as it has it.
func assignmentParties(p persona, role handling.Role, in workflow.Status) ([]workflow.Party, bool) {
	own := map[handling.Role]string{handling.Lead: apptest.LeadHandler, handling.Co: apptest.CoHandler, handling.Separate: apptest.LeadHandler}[role]
	if p.name == own {
		as := handling.LeadUnit
		if role == handling.Co {
			as = handling.CoUnit
		}
		return append(slices.Clone(p.parties), handling.AnyUnit, as), in != handling.Released && in != handling.Recalled
	}
	return p.parties, slices.Contains([]string{apptest.Staff, apptest.ProposalStaff, apptest.Leader}, p.name)
}

// TestMatrixOfEndpoints asks every operation of the document as everybody. A
// new operation is in it by itself; a new kind of subject must say who sees it.
func TestMatrixOfEndpoints(t *testing.T) {
	t.Parallel()
	s, cells, tokens := newStage(t), 0, map[string]string{}
	s.bring(s.Matters.Heads()[0], handling.Handling) // so that there is something in the inbox
	for path, item := range s.API.OpenAPI().Paths {
		for method, op := range map[string]*operationOfDocument{http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put, http.MethodPatch: item.Patch, http.MethodDelete: item.Delete} {
			if op == nil {
				continue
			}
			access, _ := op.Extensions["x-access"].([]string)
			if len(access) == 0 {
				t.Errorf("%s grants nothing to anybody: say who may call it", op.OperationID)
			}
			for _, p := range personas() {
				cells++
				token, ok := tokens[p.name]
				if !ok {
					token = s.session(p.name)
					tokens[p.name] = token
				}
				at, sees := s.subjectOf(path, p)
				a := s.Send(apptest.Call{Method: method, Path: at, Body: s.bodyOf(op), Token: token})
				if a.Status < http.StatusMultipleChoices && method != http.MethodGet {
					clear(s.kept)
					delete(tokens, p.name) // some operations end the session that they came with
				}
				if got, want := verdict(a), wantVerdict(access, p, sees); got != want {
					t.Errorf("%s %s by %s: %s (%d %s), want %s", method, path, p.relation, got, a.Status, a.Code(), want)
				}
			}
		}
	}
	t.Logf("%d cells", cells)
}

// session logs a persona in.
func (s *stage) session(name string) string {
	s.T.Helper()
	switch name {
	case "":
		return ""
	case unbound:
		return s.LoginAs("openid-of-nobody")
	}
	s.token(name) // which binds them, if nobody has yet
	return s.Login(name)
}

// handed returns a matter in the hands of units: the same until an act has been
// done.
func (s *stage) handed(h matter.Head) subject {
	s.T.Helper()
	if _, ok := s.kept[h.Kind]; !ok {
		s.kept[h.Kind] = s.bring(h, handling.Handling)
	}
	return s.kept[h.Kind]
}

// headOf finds the kind whose routes a path is among; else any.
func (s *stage) headOf(path string) matter.Head {
	heads := s.Matters.Heads()
	i := slices.IndexFunc(heads, func(h matter.Head) bool { return strings.HasPrefix(path, base(h.Kind)+"/") })
	return heads[max(i, 0)]
}

// verdict sorts an answer: who asked is not known, not bound, not granted, may
// not see the subject, or is let through to the act itself.
func verdict(a apptest.Answer) string {
	switch code := a.Code(); {
	case code == "account.no_session", code == "account.not_bound", code == "account.suspended", code == "request.forbidden":
		return code
	case a.Status == http.StatusNotFound:
		return "not found"
	case a.Status >= http.StatusInternalServerError:
		return "status " + strconv.Itoa(a.Status)
	default:
		return "let through"
	}
}

func wantVerdict(access []string, p persona, sees bool) string {
	is := func(word string) bool { return slices.Contains(access, word) }
	known := p.refused != "account.no_session"
	switch {
	case is("PUBLIC"):
	case !known:
		return p.refused
	case is("ACCOUNT"):
	case p.refused != "":
		return p.refused
	case is("BOUND"):
	case !slices.ContainsFunc(p.parties, func(q workflow.Party) bool { return is(string(q)) }):
		return "request.forbidden"
	}
	if !sees {
		return "not found"
	}
	return "let through"
}

// subjectOf puts a subject into a path, and tells whether a persona sees it.
// Everything personal is the author's.
func (s *stage) subjectOf(path string, p persona) (string, bool) {
	s.T.Helper()
	h := s.headOf(path)
	put := func(id string) string { return strings.Replace(path, "{id}", id, 1) }
	own := p.name == apptest.Author
	switch {
	case !strings.Contains(path, "{"):
		return path, true
	case strings.Contains(path, "/sheets/{action}"): // of an action that every flow has; the file is nobody's
		action := "urge"
		if strings.HasPrefix(path, base(h.Kind)+"/") {
			action = "submit"
		}
		return strings.Replace(path, "{action}", action, 1), true
	case strings.HasPrefix(path, base(h.Kind)+"/"):
		return put(s.handed(h).matter), p.sees(h, handling.Handling)
	case strings.HasPrefix(path, "/v1/assignments/"):
		x := s.assignments(s.handed(h).matter)[handling.Lead]
		_, sees := assignmentParties(p, handling.Lead, x.status)
		return put(strings.TrimPrefix(x.path, "/v1/assignments/")), sees
	case strings.HasPrefix(path, "/v1/handovers/"): // a meeting at which the matter was handed over
		return put(s.handover(s.handed(h).matter)), slices.Contains([]string{apptest.Staff, apptest.ProposalStaff, apptest.Leader, apptest.LeadHandler, apptest.CoHandler}, p.name)
	case path == "/v1/people/{id}/unbind":
		s.Bind(s.Login(apptest.LostPhone), s.OpenID(apptest.LostPhone), s.Phone(apptest.LostPhone)) // unless it is bound still
		return put(s.Person(apptest.LostPhone).ID), !strings.HasPrefix(p.name, "外县")
	case strings.HasPrefix(path, "/v1/people/"):
		return put(s.Person(apptest.Subject).ID), !strings.HasPrefix(p.name, "外县")
	case strings.HasPrefix(path, "/v1/units/"):
		return put(s.Units[2].ID), !strings.HasPrefix(p.name, "外县")
	case strings.HasPrefix(path, "/v1/sectors/"), strings.HasPrefix(path, "/v1/groups/"):
		kind := map[bool]member.DivisionKind{true: member.Sector, false: member.Group}[strings.HasPrefix(path, "/v1/sectors/")]
		return put(s.one("SELECT id FROM divisions WHERE institution_id = ? AND kind = ? ORDER BY id LIMIT 1", s.County.ID, kind)), !strings.HasPrefix(p.name, "外县")
	case strings.HasPrefix(path, "/v1/terms/"):
		return put(s.one("SELECT id FROM terms WHERE institution_id = ? LIMIT 1", s.County.ID)), !strings.HasPrefix(p.name, "外县")
	case strings.HasPrefix(path, "/v1/appointments/"):
		return put(s.one("SELECT id FROM appointments WHERE person_id = ? LIMIT 1", s.Person(apptest.Subject).ID)), !strings.HasPrefix(p.name, "外县")
	case strings.HasPrefix(path, "/v1/checks/"):
		return put(s.marked()), !strings.HasPrefix(p.name, "外县")
	case strings.HasPrefix(path, "/v1/collections/"):
		return put(s.one("SELECT id FROM collections WHERE institution_id = ? AND body <> '' LIMIT 1", s.County.ID)), !strings.HasPrefix(p.name, "外县")
	case strings.HasPrefix(path, "/v1/phrases/"): // of the office's; a unit sees but those for what it fills in
		return put(s.phrase("suggestion.reject.reason")), slices.Contains([]string{apptest.Staff, apptest.ProposalStaff}, p.name)
	case strings.HasPrefix(path, "/v1/undelivered/"):
		return put(s.undelivered()), !strings.HasPrefix(p.name, "外县")
	case strings.HasPrefix(path, "/v1/invitations/"):
		return put(s.invitation()), !strings.HasPrefix(p.name, "外县")
	case strings.HasPrefix(path, "/v1/inbox/"):
		return put(s.one("SELECT id FROM inbox WHERE person_id = ? ORDER BY id LIMIT 1", s.Person(apptest.Author).ID)), own
	case strings.HasPrefix(path, "/v1/sessions/"):
		return put(s.one("SELECT s.id FROM sessions s JOIN accounts a ON a.id = s.account_id WHERE a.open_id = ? AND s.revoked_at IS NULL ORDER BY s.id DESC LIMIT 1",
			s.OpenID(apptest.Author))), own
	case path == "/v1/desk-logins/{id}/redeem": // which wants the browser's secret
		return put(newBrowser(s.World).open().ID), false
	case strings.HasPrefix(path, "/v1/desk-logins/"): // whoever has scanned it
		return put(newBrowser(s.World).open().ID), true
	case strings.HasPrefix(path, "/v1/bindings/"):
		return put(s.one("SELECT id FROM bindings WHERE person_id = ? AND ended_at IS NULL", s.Person(apptest.Author).ID)), own
	}
	s.T.Errorf("%s: the matrix does not know whose subject this is; add it to subjectOf", path)
	return path, true
}

// marked lets the platform's check have an objection to a matter, of a kind that is
// checked.
func (s *stage) marked() string {
	s.T.Helper()
	for _, h := range s.Matters.Heads() {
		s.handed(h)
	}
	id := s.one("SELECT id FROM checks WHERE attachment_id IS NULL ORDER BY id DESC LIMIT 1")
	s.Write(func(tx *store.Tx) error {
		tx.Exec("UPDATE checks SET state = 'MARKED', suggest = 'risky', label = 10001 WHERE id = ?", id)
		return nil
	})
	return id
}

// phrase makes a phrase of the county's office.
func (s *stage) phrase(purpose string) string {
	s.T.Helper()
	var p phrase.Phrase
	s.Write(func(tx *store.Tx) (err error) {
		p, err = s.Phrases.Keep(tx, phrase.Phrase{InstitutionID: s.County.ID, Purpose: purpose}, phrase.Words{Title: "重复", Body: "与已受理的建议重复。"})
		return err
	})
	return p.ID
}

// handover makes a meeting at which a matter was handed over.
func (s *stage) handover(matterID string) string {
	s.T.Helper()
	id := store.NewID()
	s.Write(func(tx *store.Tx) error {
		tx.Insert(&handling.Handover{ID: id, InstitutionID: s.County.ID, Title: "交办会" + id, HeldOn: calendar.Of(s.Clock.Now()), CreatedAt: s.Clock.Now()})
		tx.Exec("UPDATE assignments SET handover_id = ? WHERE matter_id = ?", id, matterID)
		return nil
	})
	return id
}

// invitation makes one that lives, for somebody who has no telephone bound.
func (s *stage) invitation() string {
	s.T.Helper()
	id := s.Person(apptest.Subject).ID
	s.Write(func(tx *store.Tx) error { // some cells suspend them
		tx.Exec("UPDATE people SET suspended_at = NULL WHERE id = ?", id)
		return nil
	})
	s.Post(apptest.Admin, "/v1/people/"+id+"/invite", nil).Want(s.T, http.StatusOK)
	return s.one("SELECT id FROM invitations WHERE person_id = ? ORDER BY id DESC LIMIT 1", id)
}

// undelivered makes a message that the author could not be told.
func (s *stage) undelivered() string {
	s.T.Helper()
	p, now := s.Person(apptest.Author), s.Clock.Now()
	m := notify.Message{ID: store.NewID(), InstitutionID: p.InstitutionID, PersonID: p.ID, Event: notify.Reply, MatterID: store.NewID(), Kind: "suggestion", CreatedAt: now}
	u := notify.Undelivered{
		ID: store.NewID(), InstitutionID: p.InstitutionID, PersonID: p.ID, InboxID: m.ID, Event: notify.Reply,
		Status: notify.Open, Reason: notify.NoGrant, DueAt: now,
	}
	s.Write(func(tx *store.Tx) error { tx.Insert(&m, &u); return nil })
	return u.ID
}

// one returns the one text that a query finds.
func (s *stage) one(query string, args ...any) string {
	s.T.Helper()
	var id string
	if err := s.DB.Gorm(s.T.Context()).Raw(query, args...).Scan(&id).Error; err != nil || id == "" {
		s.T.Fatalf("%s: %q, %v", query, id, err)
	}
	return id
}
