package api_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"yanlu/internal/app/apptest"
	"yanlu/internal/attachment/attachmenttest"
	"yanlu/internal/calendar"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/opinion"
	"yanlu/internal/workflow"
)

// day is the day of a moment, as papers have it.
func day(t time.Time) string { return calendar.Of(t).String() }

// fieldOf is one field of an input, with what its tags say.
type fieldOf struct {
	reflect.StructField
	name     string
	optional bool
}

func (f fieldOf) tag(name string) string { return f.Tag.Get(name) }

func fieldsOf(input reflect.Type) []fieldOf {
	var fields []fieldOf
	for _, f := range reflect.VisibleFields(input) {
		name, rest, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.Anonymous && name != "" {
			fields = append(fields, fieldOf{f, name, rest == "omitempty"})
		}
	}
	return fields
}

// requiredField names, at random, a field that an input must have.
func requiredField(r *rand.Rand, rule workflow.Rule) string {
	var names []string
	for _, f := range fieldsOf(reflect.TypeOf(rule.Input)) {
		if !f.optional {
			names = append(names, f.name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return one(r, names)
}

// input makes a good input for an act from the tags of its fields: what is
// optional is there or not, what is chosen is chosen at random.
func (y *year) input(p *someone, o offer) map[string]any {
	y.T.Helper()
	body, hidden := map[string]any{}, y.r.IntN(4) == 0
	units := slices.Clone(y.unitsOf(p.InstitutionID))
	y.r.Shuffle(len(units), func(i, j int) { units[i], units[j] = units[j], units[i] })
	for _, f := range fieldsOf(reflect.TypeOf(o.rule.Input)) {
		switch {
		case f.name == "version":
			body[f.name] = o.about.version
		case f.tag("widget") == "paper", f.tag("widget") == "person", strings.HasPrefix(f.name, "body_"): // by who acts for whom
		case f.tag("widget") == "hidden" && !hidden: // all of them, or none
		case f.tag("widget") != "hidden" && f.optional && y.r.IntN(5) < 2:
		case f.tag("options") == "units" && f.Type.Kind() == reflect.Slice:
			body[f.name] = some(y.r, units, 2)
		case f.tag("options") == "units":
			if len(units) > 0 {
				body[f.name], units = units[0], units[1:]
			}
		default:
			if v := y.value(p, o, f); v != nil {
				body[f.name] = v
			}
		}
	}
	y.standFor(body, o)
	if o.paper {
		body["paper"] = y.paper(o)
	}
	return body
}

// standFor lets a report stay of the body that it is of, where it is written on.
func (y *year) standFor(body map[string]any, o offer) {
	authors := y.now.authorsOf(o.about.matter)
	if o.about.kind != opinion.Kind || !slices.Contains([]string{"save", "send"}, o.rule.Action) || len(authors) == 0 {
		return
	}
	switch first := authors[0]; {
	case first.BodyUnitID != nil:
		body["body_kind"], body["body_unit_id"] = first.BodyKind, *first.BodyUnitID
	case first.BodyKind != "":
		body["body_kind"], body["body_name"] = first.BodyKind, first.BodyName
	}
}

// value makes the value of one field.
func (y *year) value(p *someone, o offer, f fieldOf) any {
	y.T.Helper()
	switch f.tag("options") {
	case "members":
		return some(y.r, y.idsOf(p.InstitutionID, member.Member, y.now.first(o.about.matter)), 3)
	case "colleagues":
		return one(y.r, y.idsOf(p.InstitutionID, member.InfoStaff, ""))
	case "matters":
		return y.target(o)
	case "kinds":
		return one(y.r, y.Matters.Convertible(o.about.kind)).Kind
	}
	switch f.Type.Kind() {
	case reflect.Slice:
		if f.tag("widget") == "rows" {
			return y.rows(p, o, f.Type.Elem())
		}
		if w := f.tag("widget"); (w == "pictures" || w == "files") && p.bound && !p.suspended && y.r.IntN(4) == 0 {
			return []string{y.upload(p, "现场.png", attachmenttest.PNG(8, 8))}
		}
		return []string{}
	case reflect.String:
		if choices := f.tag("enum"); choices != "" {
			return one(y.r, strings.Split(choices, ","))
		}
		text := f.tag("example")
		if most, err := strconv.Atoi(f.tag("maxLength")); err == nil && f.tag("format") == "" && f.tag("widget") != "phone" && text != "" {
			if more := fmt.Sprintf("%s（%d）", text, y.n); len([]rune(more)) <= most {
				return more
			}
		}
		return text
	case reflect.Int, reflect.Int64:
		low, err := strconv.Atoi(f.tag("minimum"))
		high, err2 := strconv.Atoi(f.tag("maximum"))
		if err == nil && err2 == nil {
			return low + min(y.r.IntN(high-low+1), y.r.IntN(high-low+1), 30) // small ones are likelier
		}
	case reflect.Bool:
		return y.r.IntN(2) == 0
	}
	var v any
	if err := json.Unmarshal([]byte(f.tag("example")), &v); err != nil {
		y.fail(fmt.Sprintf("action %s: field %s needs an example", o.rule.Action, f.name))
	}
	return v
}

// rows makes up to two rows of a list.
func (y *year) rows(p *someone, o offer, of reflect.Type) []map[string]any {
	y.T.Helper()
	rows := make([]map[string]any, y.r.IntN(3))
	for i := range rows {
		rows[i] = map[string]any{}
		for _, f := range fieldsOf(of) {
			rows[i][f.name] = y.value(p, o, f)
		}
	}
	return rows
}

// target chooses what to merge into: mostly one that takes others in.
func (y *year) target(o offer) string {
	into := []string{}
	for _, h := range y.Matters.Heads() {
		for _, x := range y.now.matters {
			if x.Kind == h.Kind && x.Kind == o.about.kind && x.ID != o.about.matter && slices.Contains(h.MergeInto, x.Status) {
				into = append(into, x.ID)
			}
		}
	}
	if len(into) == 0 || y.r.IntN(12) == 0 {
		return one(y.r, y.now.matters).ID
	}
	return one(y.r, into)
}

// paper says who did it on paper, and when: the first author unless it is for
// those who are invited or for a leader; the unit, of an assignment.
func (y *year) paper(o offer) map[string]any {
	y.T.Helper()
	paper := map[string]any{"date": y.dayFrom(o.about.submitted)}
	institution := y.now.matter(o.about.matter).InstitutionID
	switch {
	case o.about.unit != "":
		paper["signer"] = "张经办"
	case slices.Contains(o.rule.Who, matter.Invited):
		for _, a := range y.now.authorsOf(o.about.matter) {
			if a.Consent == matter.Asked {
				paper["person_id"] = a.Person()
			}
		}
	case slices.Contains(o.rule.Who, member.Leader):
		if leaders := y.idsOf(institution, member.Leader, ""); len(leaders) > 0 {
			paper["person_id"] = one(y.r, leaders)
		}
	case y.r.IntN(2) == 0:
		paper["person_id"] = y.now.first(o.about.matter)
	}
	return paper
}

// dayFrom is a day up to today: mostly one of the last.
func (y *year) dayFrom(first string) string {
	from, err := calendar.Parse(first)
	if err != nil {
		y.T.Fatal(err)
	}
	d := calendar.Of(y.Clock.Now()).Add(-min(y.r.IntN(10), y.r.IntN(10)))
	if d.Before(from) {
		d = from
	}
	return d.String()
}

func (y *year) unitsOf(institutionID string) []string {
	if institutionID == y.Other.ID {
		return []string{y.OtherUnit.ID}
	}
	var ids []string
	for _, u := range y.Units {
		ids = append(ids, u.ID)
	}
	return ids
}

// idsOf finds the people of an institution who hold a role, without one of them.
func (y *year) idsOf(institutionID string, role member.Role, without string) []string {
	var ids []string
	for _, p := range y.cast {
		if p.InstitutionID == institutionID && p.Is(role) && p.PersonID != without {
			ids = append(ids, p.PersonID)
		}
	}
	return ids
}

// upload uploads a file as somebody.
func (y *year) upload(p *someone, name string, content []byte) string {
	y.T.Helper()
	var v struct{ ID string }
	body, contentType := apptest.Form(name, content)
	y.Send(apptest.Call{Method: "POST", Path: "/v1/attachments", Token: y.session(p), Body: body, Header: map[string][]string{"Content-Type": {contentType}}}).
		Into(y.T, 201, &v)
	return v.ID
}
