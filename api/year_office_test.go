package api_test

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"yanlu/internal/app/apptest"
	"yanlu/internal/calendar"
	"yanlu/internal/handling"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// open hands something in: a member for themselves, a liaison for a member,
// staff from paper; or a member begins a draft.
func (y *year) open() {
	y.T.Helper()
	h := one(y.r, y.Matters.Heads())
	begins := slices.DeleteFunc(slices.Clone(h.Flow.Rules), func(r workflow.Rule) bool { return len(r.From) > 0 })
	rule, path := begins[0], base(h.Kind)
	if i := y.r.IntN(len(begins) + 1); i > 0 && i < len(begins) { // handing in is likelier
		rule = begins[i]
		path += "/" + rule.Action + "s"
	}
	item := y.API.OpenAPI().Paths[path]
	if item == nil || item.Post == nil {
		return
	}
	access, _ := item.Post.Extensions["x-access"].([]string)
	who := y.of(func(p *someone) bool {
		return p.bound && !p.suspended && slices.ContainsFunc(p.Roles(), func(r member.Role) bool { return slices.Contains(access, string(r)) })
	})
	if len(who) == 0 {
		return
	}
	p := one(y.r, who)
	first := p.PersonID
	if !p.Is(member.Member) {
		first = one(y.r, y.idsOf(p.InstitutionID, member.Member, ""))
	}
	body := y.input(p, offer{path: path, flow: h.Flow, rule: rule, about: about{kind: h.Kind}})
	if ids, ok := body["co_author_ids"].([]string); ok && y.r.IntN(20) > 0 { // mostly not oneself
		body["co_author_ids"] = slices.DeleteFunc(ids, func(id string) bool { return id == first })
	}
	switch {
	case p.Is(member.Member):
	case p.Is(member.Liaison):
		body["on_behalf_of"] = first
	case len(p.Units()) > 0 && takes(rule.Input, "body_unit_id"):
		body["body_kind"], body["body_unit_id"] = matter.UnitBody, one(y.r, p.Units())
	case len(p.Units()) > 0:
		return // units of the cast propose nothing: a party, a group or a committee would, under its seal
	case p.Is(member.InfoOfficer):
	default:
		body["paper"] = map[string]any{"person_id": first, "date": y.dayFrom(day(apptest.Start))}
	}
	key := store.NewID()
	a := y.call(p, http.MethodPost, path, body, key)
	y.doneOrRefused(p, h.Flow.Name+"."+rule.Action, a, http.StatusCreated)
	if a.Status == http.StatusCreated && y.r.IntN(10) == 0 {
		y.observe()
		y.again(p, path, body, key, a)
	}
}

// takes reports whether an input has a field.
func takes(in workflow.Input, field string) bool {
	return slices.ContainsFunc(reflect.VisibleFields(reflect.TypeOf(in)), func(f reflect.StructField) bool {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		return name == field
	})
}

// bulk takes one action on several matters at once.
func (y *year) bulk() {
	y.T.Helper()
	h := one(y.r, y.Matters.Heads())
	rules := slices.DeleteFunc(slices.Clone(h.Flow.Rules), func(r workflow.Rule) bool { return !r.Bulk })
	var p *someone
	var rule workflow.Rule
	var ids []string
	for _, i := range y.r.Perm(len(rules)) {
		rule = rules[i]
		who := y.acting(rule.Who...)
		if len(who) == 0 {
			continue
		}
		p = one(y.r, who)
		if ids = y.listed(p, h.Kind, one(y.r, rule.From)); len(ids) > 0 {
			break
		}
	}
	y.r.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	if len(ids) == 0 {
		return
	}
	var items []map[string]any
	for _, id := range ids[:1+y.r.IntN(min(4, len(ids)))] {
		x := y.now.matter(id)
		version := x.Version
		if y.r.IntN(25) == 0 {
			version++
		}
		o := offer{flow: h.Flow, rule: rule, about: about{kind: h.Kind, matter: id, version: version, submitted: day(x.SubmittedAt)}}
		items = append(items, map[string]any{"id": id, "input": y.input(p, o)})
	}
	path := base(h.Kind) + "/bulk/" + rule.Action
	if stranger := one(y.r, y.acting()); !stranger.IsAny(rule.Who...) {
		y.refused(stranger, path, map[string]any{"items": items}, "request.forbidden", http.StatusForbidden)
	}
	a := y.call(p, http.MethodPost, path, map[string]any{"items": items}, "")
	y.doneOrRefused(p, h.Flow.Name+".bulk_"+rule.Action, a, http.StatusOK)
}

// signAll lets a unit sign at once for several that it was given.
func (y *year) signAll() {
	y.T.Helper()
	flow := handling.Flow()
	rule, _ := flow.Rule("sign_for")
	who := y.acting(member.UnitHandler)
	if len(who) == 0 {
		return
	}
	p := one(y.r, who)
	var items []map[string]any
	for _, a := range y.now.assignments {
		if len(items) < 4 && a.Status == handling.Dispatched && slices.Contains(p.Units(), a.UnitID) {
			o := offer{flow: flow, rule: rule, about: about{matter: a.MatterID, unit: a.UnitID, version: a.Version}}
			items = append(items, map[string]any{"id": a.ID, "input": y.input(p, o)})
		}
	}
	if len(items) == 0 {
		return
	}
	path, body := "/v1/assignments/bulk/sign_for", map[string]any{"items": items}
	if strangers := y.acting(member.Leader); len(strangers) > 0 {
		y.refused(one(y.r, strangers), path, body, "request.forbidden", http.StatusForbidden)
	}
	y.doneOrRefused(p, "assignment.bulk_sign_for", y.call(p, http.MethodPost, path, body, ""), http.StatusOK)
}

// number numbers a list of what has no number yet.
func (y *year) number() {
	y.T.Helper()
	h := one(y.r, y.Matters.Heads())
	who := y.acting(member.InfoStaff, member.ProposalStaff)
	if path := base(h.Kind) + "/numbers"; y.API.OpenAPI().Paths[path] == nil || len(who) == 0 {
		return
	}
	p, in := one(y.r, who), one(y.r, h.MergeInto) // one of these is what is numbered
	var ids []string
	for _, x := range y.now.matters {
		if x.Kind == h.Kind && x.Number == nil && x.InstitutionID == p.InstitutionID && x.Status == in {
			ids = append(ids, x.ID)
		}
	}
	y.r.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	if len(ids) == 0 {
		return
	}
	body := map[string]any{"ids": ids[:1+y.r.IntN(min(4, len(ids)))], "start": y.r.IntN(3) * (len(y.kept.number) + y.r.IntN(5))}
	a := y.call(p, http.MethodPost, base(h.Kind)+"/numbers", body, "")
	y.doneOrRefused(p, h.Flow.Name+".number", a, http.StatusOK)
}

// holidays looks what a change of the calendar would do, and mostly confirms it.
func (y *year) holidays() {
	y.T.Helper()
	who := y.acting(member.InfoStaff, member.ProposalStaff)
	if len(who) == 0 {
		return
	}
	p, from := one(y.r, who), calendar.Of(y.Clock.Now()).Add(y.r.IntN(45)-5)
	body := map[string]any{}
	if y.r.IntN(5) == 0 {
		to, back := from.Add(2), from.Add(5)
		body["text"] = fmt.Sprintf("一、假日：%d月%d日（%s）至%d月%d日（%s）放假调休，共3天。%d月%d日（%s）上班。", from.Month(), from.Number(), calendar.WeekdayWord(from.Weekday()),
			to.Month(), to.Number(), calendar.WeekdayWord(to.Weekday()), back.Month(), back.Number(), calendar.WeekdayWord(back.Weekday()))
		body["year"] = from.Year()
	} else {
		var days []map[string]any
		var remove []string
		for i := range 7 {
			d := from.Add(i)
			switch n := y.r.IntN(4); {
			case n == 0:
				kind := calendar.Holiday
				if w := d.Weekday(); w == time.Saturday || w == time.Sunday {
					kind = calendar.Workday
				}
				days = append(days, map[string]any{"day": d.String(), "kind": kind, "name": "假日", "local": y.r.IntN(2) == 0})
			case n == 1:
				remove = append(remove, d.String())
			}
		}
		body["days"], body["remove"] = days, remove
		if len(days) == 0 {
			delete(body, "days")
		}
		if len(remove) == 0 {
			delete(body, "remove")
		}
	}
	var seen struct {
		Days   []map[string]any
		Remove []string
		Digest string
	}
	a := y.call(p, http.MethodPost, "/v1/holidays/preview", body, "")
	y.unchanged("a preview of holidays")
	a.Into(y.T, http.StatusOK, &seen)
	confirm := map[string]any{"days": seen.Days, "remove": seen.Remove, "digest": seen.Digest}
	if y.r.IntN(6) == 0 {
		confirm["digest"] = strings.Repeat("0", 64)
		y.refused(p, "/v1/holidays", confirm, "matter.holidays_stale", http.StatusConflict)
		return
	}
	a = y.call(p, http.MethodPost, "/v1/holidays", confirm, "")
	y.doneOrRefused(p, "holiday.confirm", a, http.StatusOK)
}
