package api

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"yanlu/internal/calendar"
	"yanlu/internal/handling"
	"yanlu/internal/institution"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/sheet"
	"yanlu/internal/store"
)

// sheetNames are what the words of a sheet stand for, found for all rows at once.
type sheetNames struct {
	people      map[string][]member.Person
	units       map[string]institution.Unit
	matters     map[string][]matter.Line
	assignments map[string]handling.AssignmentDetail // by matter and unit
	outcomes    []handling.Outcome
	digest      func(phone string) string
}

// words gathers the words of a sheet that stand for something.
type words struct{ people, units, matters []string }

func (w *words) add(x sheetField, cell string) {
	switch x.sort {
	case asPerson:
		w.people = append(w.people, nameOf(cell))
	case asPeople:
		for _, one := range listOf(cell) {
			w.people = append(w.people, nameOf(one))
		}
	case asUnit:
		w.units = append(w.units, cell)
	case asUnits:
		w.units = append(w.units, listOf(cell)...)
	case asMatter:
		w.addMatter(cell)
	}
}

// addMatter gathers what a cell calls a matter: all of it, and the title that it
// may be without what tells one of that title from another.
func (w *words) addMatter(cell string) {
	w.matters = append(w.matters, cell)
	if title, hints := splitTitle(cell); len(hints) > 0 {
		w.matters = append(w.matters, title)
	}
}

// listOf splits a cell that has several names.
func listOf(cell string) []string {
	return strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(namesIn, r) || r == '\n' })
}

// nameOf is a name without what tells one of that name from another: 张伟（农业界）.
func nameOf(word string) string {
	name, _ := splitName(word)
	return name
}

func splitName(word string) (name, hint string) {
	name, hint, _ = strings.Cut(strings.NewReplacer("(", "（", ")", "）").Replace(word), "（")
	return strings.TrimSpace(name), strings.TrimSpace(strings.TrimSuffix(hint, "）"))
}

// namesOf looks up what the rows of a sheet name: a bounded number of queries for
// the whole sheet.
func (k *sheetKind) namesOf(ctx context.Context, c store.Conn, a member.Actor, x *sheetAction, rows []sheet.Row) (*sheetNames, error) {
	var w words
	for _, row := range rows {
		w.addMatter(row.Get(columnMatter))
		w.people = append(w.people, nameOf(row.Get(columnAuthor)))
		for _, f := range x.fields {
			if cell := row.Get(f.column.Name); cell != "" {
				w.add(f, cell)
			}
		}
	}
	n := &sheetNames{digest: k.api.people.PhoneDigest, assignments: map[string]handling.AssignmentDetail{}}
	var err error
	if n.people, err = member.ByName(ctx, c, a.InstitutionID, distinct(w.people)); err != nil {
		return nil, err
	}
	if n.units, err = institution.UnitsByName(ctx, c, a.InstitutionID, distinct(w.units)); err != nil {
		return nil, err
	}
	if n.matters, err = k.api.matters.Named(ctx, c, a, k.kind, distinct(w.matters)); err != nil {
		return nil, err
	}
	if k.kind != "" {
		return n, nil
	}
	if n.outcomes, err = handling.Outcomes().Of(ctx, c, a.InstitutionID); err != nil {
		return nil, err
	}
	var ids []string
	for _, lines := range n.matters {
		for _, l := range lines {
			ids = append(ids, l.ID)
		}
	}
	latest, err := k.api.handling.Latest(ctx, c, a.InstitutionID, ids)
	for _, asg := range latest {
		n.assignments[asg.MatterID+asg.UnitName] = asg
	}
	return n, err
}

func distinct(words []string) []string {
	slices.Sort(words)
	return slices.DeleteFunc(slices.Compact(words), func(w string) bool { return w == "" })
}

// person finds the one person whom a cell names, or says why it is none. A hint
// is a sector, a group, a position or a telephone number.
func (n *sheetNames) person(cell string, hints ...string) (id, problem string) {
	name, hint := splitName(cell)
	found := slices.Clone(n.people[name])
	if len(found) == 0 {
		return "", "名册里没有“" + name + "”"
	}
	for _, hint := range append(hints, hint) {
		if hint == "" {
			continue
		}
		found = slices.DeleteFunc(found, func(p member.Person) bool { return !n.fits(p, hint) })
	}
	switch len(found) {
	case 1:
		return found[0].ID, ""
	case 0:
		return "", "名册里有“" + name + "”，但界别、联络组或手机号对不上"
	}
	return "", fmt.Sprintf("名册里有%d位“%s”，请写明是哪一位，如：%s（农业界）", len(found), name, name)
}

func (n *sheetNames) fits(p member.Person, hint string) bool {
	if slices.Contains([]string{p.Sector, p.GroupName, p.Position}, hint) {
		return true
	}
	phone, err := member.NormalPhone(hint)
	return err == nil && p.PhoneDigest != nil && *p.PhoneDigest == n.digest(phone)
}

// matter finds the one matter that a cell names, or says why it is none. After a
// title may stand who handed it in and when, where there are several.
func (n *sheetNames) matter(cell string) (line matter.Line, problem string) {
	found := n.matters[cell]
	if title, hints := splitTitle(cell); len(found) == 0 && len(hints) > 0 {
		if found = n.matters[title]; len(found) > 0 {
			found = slices.DeleteFunc(slices.Clone(found), func(l matter.Line) bool { return !handedIn(l, hints) })
			if len(found) == 0 {
				return line, "有“" + title + "”，但提出人或提交日期对不上"
			}
		}
	}
	switch len(found) {
	case 1:
		return found[0], ""
	case 0:
		return line, "没有找到这件事项；已经编号的请填编号，还没有编号的填标题"
	}
	first, second := calledFully(found[0]), calledFully(found[1])
	if first == second {
		return line, fmt.Sprintf("有%d件的标题、提出人和提交日期都相同，请先编号，或填写事项的标识（id）", len(found))
	}
	return line, fmt.Sprintf("有%d件都是这个标题，请在后面写明提出人和提交日期，如：%s，或：%s", len(found), first, second)
}

// calledFully is what a sheet calls a matter without a number that has the title
// of another: 修复人民路路灯（李春山，2026-03-02）.
func calledFully(l matter.Line) string {
	return l.Title + "（" + l.AuthorName + "，" + calendar.Of(l.SubmittedAt).String() + "）"
}

// bracketed is a text that ends with something in brackets.
var bracketed = regexp.MustCompile(`^(.*\S)\s*[（(]([^（(]+)[)）]$`)

// splitTitle splits a title from what stands in brackets at its end.
func splitTitle(cell string) (title string, hints []string) {
	at := bracketed.FindStringSubmatch(cell)
	if at == nil {
		return cell, nil
	}
	return at[1], listOf(at[2])
}

// handedIn reports whether each of some hints is the first author of a matter or
// the day on which it was handed in.
func handedIn(l matter.Line, hints []string) bool {
	return !slices.ContainsFunc(hints, func(hint string) bool {
		hint = strings.TrimSpace(hint)
		day, ok := sheet.Day(hint)
		return hint != l.AuthorName && !(ok && day == calendar.Of(l.SubmittedAt))
	})
}
