package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"yanlu/internal/app/apptest"
	"yanlu/internal/handling"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// offer is an act that the API offers somebody.
type offer struct {
	path  string // of the thing
	flow  workflow.Table
	rule  workflow.Rule
	paper bool
	about about
}

// about is what an input may need to know of the thing that it is about.
type about struct {
	kind      matter.Kind
	matter    string // its identifier
	unit      string // of the assignment
	version   int64
	submitted string // the day
}

// yearView is what reading a matter answers, as far as acts need it.
type yearView struct {
	ID, Kind    string
	Version     int64
	SubmittedAt string `json:"submitted_at"`
	Actions     []offered
	Assignments []struct {
		ID      string
		UnitID  string `json:"unit_id"`
		Version int64
		Actions []offered
	}
}

type offered struct {
	Name  string
	Paper bool
}

// offers lists what somebody is offered on a matter.
func (y *year) offers(p *someone, kind matter.Kind, id string) []offer {
	y.T.Helper()
	var v yearView
	y.get(p, base(kind)+"/"+id, &v)
	a := about{kind: kind, matter: id, version: v.Version, submitted: v.SubmittedAt[:10]}
	var all []offer
	add := func(flow workflow.Table, path string, a about, actions []offered) {
		for _, x := range actions {
			rule, ok := flow.Rule(x.Name)
			if !ok {
				y.fail(fmt.Sprintf("%s is offered %s, which the table of %s does not have", p.name, x.Name, flow.Name))
			}
			all = append(all, offer{path, flow, rule, x.Paper, a})
		}
	}
	add(y.Matters.Flow(kind), base(kind)+"/"+id, a, v.Actions)
	for _, x := range v.Assignments {
		a.version, a.unit = x.Version, x.UnitID
		add(handling.Flow(), "/v1/assignments/"+x.ID, a, x.Actions)
	}
	return all
}

func (o offer) name() string { return o.flow.Name + "." + o.rule.Action }

// rarely makes what was never done yet likelier.
func (y *year) rarely(name string) int {
	if y.done[name] == 0 {
		return 5
	}
	return 1
}

// weight makes what moves things likelier than what ends them or leaves them.
func (o offer) weight() int {
	w := 12
	switch {
	case o.rule.Stays():
		w = 2
	case !slices.ContainsFunc(o.rule.To, func(s workflow.Status) bool { return !o.flow.Ends(s) }) && len(o.rule.Who) > 0 && o.rule.NeedsReason():
		w = 3
	case slices.Contains(o.rule.Who, matter.FirstAuthor) && o.flow.Ends(o.rule.To[0]) && !slices.Contains(o.rule.From, handling.Replied):
		w = 1
	}
	if o.paper {
		w = (w + 1) / 2
	}
	return w
}

// subject finds somebody and a matter that they see: mostly somebody who is
// waited for.
func (y *year) subject() (*someone, matter.Kind, string) {
	y.T.Helper()
	if len(y.now.waiting) > 0 && y.r.IntN(4) > 0 {
		w := one(y.r, y.now.waiting)
		who := y.of(func(p *someone) bool {
			return p.bound && !p.suspended && p.InstitutionID == w.InstitutionID && slices.Contains(holdersOf(p), w.Holder)
		})
		if len(who) == 0 || y.r.IntN(8) == 0 { // staff may have it on paper
			who = append(who, y.of(func(p *someone) bool {
				return p.bound && !p.suspended && p.InstitutionID == w.InstitutionID && p.Is(member.InfoStaff)
			})...)
		}
		if len(who) > 0 {
			return one(y.r, who), y.now.matter(w.MatterID).Kind, w.MatterID
		}
	}
	p, kind := one(y.r, y.acting()), one(y.r, y.Matters.Heads()).Kind
	if y.r.IntN(2) == 0 { // or somebody opens what a message tells of
		p = one(y.r, y.acting(member.Member))
		var box struct {
			Items []struct {
				Kind     string
				MatterID string `json:"matter_id"`
			}
		}
		y.get(p, "/v1/inbox?limit=10", &box)
		if len(box.Items) > 0 {
			if m := one(y.r, box.Items); y.now.sees(p, y.now.matter(m.MatterID)) {
				return p, matter.Kind(m.Kind), m.MatterID
			}
		}
	}
	if ids := y.listed(p, kind, ""); len(ids) > 0 {
		return p, kind, ids[min(y.r.IntN(len(ids)), y.r.IntN(len(ids)))] // newer ones are likelier
	}
	return p, kind, ""
}

// offered lets somebody do something that the API offers them.
func (y *year) offered() {
	y.T.Helper()
	for range 6 {
		p, kind, id := y.subject()
		if id == "" {
			continue
		}
		all := make([]*offer, 2) // nil: they leave it
		for _, o := range y.offers(p, kind, id) {
			for range o.weight() * y.rarely(o.name()) {
				all = append(all, &o)
			}
		}
		if o := one(y.r, all); o != nil {
			y.take(p, *o)
			return
		}
	}
}

// take does what is offered: it is done, or a rule of the field refuses it and
// nothing has changed. At times it goes wrong on purpose, or is sent twice.
func (y *year) take(p *someone, o offer) {
	y.T.Helper()
	name, path := o.name(), o.path+"/"+o.rule.Action
	body := y.input(p, o)
	key := store.NewID()
	switch y.r.IntN(20) {
	case 0: // somebody else was faster
		body["version"] = o.about.version + int64(1-2*y.r.IntN(2))
		y.refused(p, path, body, "", http.StatusConflict, http.StatusUnprocessableEntity)
		return
	case 1: // something is missing
		if field := requiredField(y.r, o.rule); field != "" {
			delete(body, field)
			y.refused(p, path, body, "request.invalid", http.StatusUnprocessableEntity)
			return
		}
	}
	a := y.call(p, http.MethodPost, path, body, key)
	y.doneOrRefused(p, name, a, http.StatusOK)
	if a.Status == http.StatusOK && y.r.IntN(10) == 0 {
		y.observe()
		if x := y.now.matter(o.about.matter); y.now.sees(p, x) { // who declined does not
			y.again(p, path, body, key, a)
		}
	}
}

// doneOrRefused counts what is done, and holds that what is refused is refused
// by a rule of the field and changes nothing.
func (y *year) doneOrRefused(p *someone, name string, a apptest.Answer, good int) {
	y.T.Helper()
	switch {
	case a.Status == good:
		y.done[name]++
	case a.Status != http.StatusConflict && a.Status != http.StatusUnprocessableEntity, strings.HasPrefix(a.Code(), "request.") && a.Code() != "request.bulk":
		y.fail(fmt.Sprintf("%s is offered %s, which answers %d %s: %s", p.name, name, a.Status, a.Code(), a.Body))
	default:
		y.unchanged(name + ", refused with " + a.Code())
	}
}

// again sends an act twice, as a telephone does that heard no answer.
func (y *year) again(p *someone, path string, body any, key string, first apptest.Answer) {
	y.T.Helper()
	second := y.call(p, http.MethodPost, path, body, key)
	if second.Status != first.Status || string(second.Body) != string(first.Body) {
		y.fail(fmt.Sprintf("sent again it answers %d %s, before %s", second.Status, second.Body, first.Body))
	}
	y.unchanged("what was sent again")
}

// refused holds that an act is refused, with one of some statuses, and changes
// nothing.
func (y *year) refused(p *someone, path string, body any, code string, statuses ...int) {
	y.T.Helper()
	a := y.call(p, http.MethodPost, path, body, "")
	if !slices.Contains(statuses, a.Status) || code != "" && a.Code() != code {
		y.fail(fmt.Sprintf("%s may not %s: %d %s, want %v %s: %s", p.name, path, a.Status, a.Code(), statuses, code, a.Body))
	}
	y.unchanged("an act that was refused")
}

// notOffered lets somebody try what they are not offered, on what they see or
// do not see.
func (y *year) notOffered() {
	y.T.Helper()
	if len(y.now.matters) == 0 {
		return
	}
	p := one(y.r, y.of(func(p *someone) bool { return p.token != "" }))
	x := one(y.r, y.now.matters)
	flow, path := y.Matters.Flow(x.Kind), base(x.Kind)+"/"+x.ID
	a, sees := about{kind: x.Kind, matter: x.ID, version: x.Version, submitted: day(x.SubmittedAt)}, y.now.sees(p, x)
	status, missing := x.Status, "matter.not_found"
	parties := matter.PartiesOf(p.Actor, x, y.now.authorsOf(x.ID))
	if of := y.now.assignmentsOf(x.ID); len(of) > 0 && y.r.IntN(2) == 0 {
		asg := one(y.r, of)
		flow, path, a.version, a.unit, status, missing = handling.Flow(), "/v1/assignments/"+asg.ID, asg.Version, asg.UnitID, asg.Status, "handling.not_found"
		sees = sees && (matter.Oversees(p.Actor) || slices.Contains(p.Units(), asg.UnitID) && asg.Status != handling.Released && asg.Status != handling.Recalled)
		parties = handling.PartiesOf(p.Actor, asg)
	}
	rule := one(y.r, slices.DeleteFunc(slices.Clone(flow.Rules), func(r workflow.Rule) bool { return len(r.From) == 0 || r.Input == nil }))
	if _, refusal := flow.Allow(rule.Action, status, parties); refusal == workflow.Granted && sees && p.bound && !p.suspended {
		return // it is offered
	}
	body := y.input(p, offer{path: path, flow: flow, rule: rule, about: a})
	path += "/" + rule.Action
	switch {
	case !p.bound:
		y.refused(p, path, body, "account.not_bound", http.StatusForbidden)
	case p.suspended:
		y.refused(p, path, body, "account.suspended", http.StatusForbidden)
	case !sees:
		y.refused(p, path, body, missing, http.StatusNotFound)
	default:
		y.refused(p, path, body, "", http.StatusForbidden, http.StatusConflict)
	}
}

// everyAct lists the acts that people can take, by the tables.
func everyAct(t *testing.T) []string {
	t.Helper()
	w := apptest.New(t)
	var names []string
	add := func(flow workflow.Table) {
		for _, r := range flow.Rules {
			if len(r.Who) > 0 {
				names = append(names, flow.Name+"."+r.Action)
			}
			if r.Bulk {
				names = append(names, flow.Name+".bulk_"+r.Action)
			}
		}
	}
	for _, h := range w.Matters.Heads() {
		add(h.Flow)
	}
	add(handling.Flow())
	return names
}
