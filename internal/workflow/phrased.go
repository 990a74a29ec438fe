package workflow

import (
	"reflect"
	"strconv"
	"strings"
)

// Phrased is a field of an action for which people may keep phrases (常用语) to
// choose from: one with the tag phrases:"yes".
type Phrased struct {
	Name  string  // table, action and field: "suggestion.reject.reason"
	Label string  // "微建议 · 不予受理 · 理由"
	Max   int     // characters that the field takes; 0: no limit
	Who   []Party // that may take the action
}

// Phrased lists the fields of the table's actions for which phrases may be kept,
// in their order.
func (t Table) Phrased() []Phrased {
	var all []Phrased
	for _, r := range t.Rules {
		if r.Input == nil {
			continue
		}
		for _, f := range reflect.VisibleFields(reflect.TypeOf(r.Input)) {
			if f.Tag.Get("phrases") == "" {
				continue
			}
			field, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			most, _ := strconv.Atoi(f.Tag.Get("maxLength")) // without one there is no limit
			all = append(all, Phrased{
				Name: t.PhrasedName(r, field), Label: strings.Join([]string{t.Label, r.Label, f.Tag.Get("label")}, " · "), Max: most, Who: r.Who,
			})
		}
	}
	return all
}

// PhrasedName is what phrases for a field of an action are kept under.
func (t Table) PhrasedName(r Rule, field string) string {
	return strings.Join([]string{t.Name, r.Action, field}, ".")
}
