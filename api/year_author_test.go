package api_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"yanlu/internal/matter"
	"yanlu/internal/workflow"
)

// replaces reports whether an act names co-authors anew: its input chooses
// members.
func replaces(flow workflow.Table, action string) bool {
	rule, ok := flow.Rule(action)
	return ok && rule.Input != nil && slices.ContainsFunc(fieldsOf(reflect.TypeOf(rule.Input)), func(f fieldOf) bool { return f.tag("options") == "members" })
}

// authorsStay holds that nobody who is an author is lost, but for co-authors
// whom the first author does not name again and those who leave with a merge
// that is undone; that an answer to being asked stays given; and that what was
// merged has all its authors where it was merged into.
func (y *year) authorsStay(before scene, events []matter.Event) []string {
	var wrong []string
	named := map[string]bool{} // matters whose co-authors were named anew
	for _, e := range events {
		named[e.MatterID] = named[e.MatterID] || replaces(y.Matters.Flow(y.now.matter(e.MatterID).Kind), e.Action)
	}
	by := map[string]matter.Author{}
	for _, a := range y.now.authors {
		by[a.MatterID+standing(a)] = a
	}
	for _, old := range before.authors {
		x := y.now.matter(old.MatterID)
		// A draft that is saved leaves no line, and has other co-authors; and its first
		// author may propose for a body, or no more.
		anew := named[x.ID] || x.Status == matter.Draft
		free := anew && (old.Role == matter.Co || old.Person() != "" && old.Person() == y.now.first(x.ID))
		undone := old.ViaMatterID != nil && text(y.now.matter(*old.ViaMatterID).MergedInto) != x.ID
		a, ok := by[old.MatterID+standing(old)]
		declined := old.Consent == matter.Declined && old.ViaMatterID != nil // no author of what was merged either
		came := old.ViaMatterID == nil && a.ViaMatterID != nil               // by a merge, whatever they said before
		switch {
		case !ok && !free && !undone && !declined:
			wrong = append(wrong, fmt.Sprintf("%s is no longer an author of %s (%s, %s)", standing(old), x.ID, old.Role, old.Consent))
		case a.OwnConsent != nil || old.OwnConsent != nil: // by a merge, or its undoing
		case named[x.ID] && old.Role == matter.Co && old.Consent == matter.Given && a.Consent == matter.Asked: // for a changed text
		case ok && !undone && !came && !mayBecome(old.Consent, a.Consent):
			wrong = append(wrong, fmt.Sprintf("%s as an author of %s was %s and is %s", standing(old), x.ID, old.Consent, a.Consent))
		case ok && old.Role != a.Role:
			wrong = append(wrong, fmt.Sprintf("%s as an author of %s was %s and is %s", standing(old), x.ID, old.Role, a.Role))
		}
	}
	for _, a := range y.now.authors {
		x := y.now.matter(a.MatterID)
		if into := text(x.MergedInto); into != "" && (a.Consent == matter.Given || a.Consent == matter.Asked) {
			came := a
			came.ViaMatterID = &x.ID
			if there, ok := by[into+standing(came)]; !ok || a.Consent == matter.Given && there.Consent != matter.Given {
				wrong = append(wrong, fmt.Sprintf("%s, an author of %s (%s), is %q of %s, into which it was merged", standing(a), x.ID, a.Consent, there.Consent, into))
			}
		}
		if a.ViaMatterID != nil && text(y.now.matter(*a.ViaMatterID).MergedInto) != x.ID {
			wrong = append(wrong, fmt.Sprintf("%s is an author of %s by %s, which is not merged into it", standing(a), x.ID, *a.ViaMatterID))
		}
	}
	return append(wrong, y.oneFirst()...)
}

// standing is who an author is: a person may be one for oneself and for a body.
func standing(a matter.Author) string {
	if a.Person() == "" { // of which each that it handed in is told of
		return a.BodyName + text(a.ViaMatterID)
	}
	return a.Person() + a.BodyName
}

// mayBecome tells how a consent may change.
func mayBecome(from, to matter.Consent) bool {
	switch from {
	case to:
		return true
	case matter.Named:
		return to == matter.Asked || to == matter.Given
	case matter.Asked:
		return to == matter.Given || to == matter.Declined
	default:
		return false
	}
}

// oneFirst holds that every matter has one first author, and nobody twice.
func (y *year) oneFirst() []string {
	var wrong []string
	firsts, seen := map[string]int{}, map[string]bool{}
	for _, a := range y.now.authors {
		if a.Role == matter.First {
			firsts[a.MatterID]++
		}
		key := strings.Join([]string{a.MatterID, standing(a)}, " ")
		if seen[key] {
			wrong = append(wrong, fmt.Sprintf("%s is an author of %s twice", standing(a), a.MatterID))
		}
		seen[key] = true
	}
	for _, x := range y.now.matters {
		if firsts[x.ID] != 1 {
			wrong = append(wrong, fmt.Sprintf("%s has %d first authors", x.ID, firsts[x.ID]))
		}
	}
	return wrong
}
