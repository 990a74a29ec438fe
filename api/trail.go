package api

import (
	"context"
	"net/http"
	"reflect"
	"strings"

	"yanlu/internal/audit"
	"yanlu/internal/store"
)

// audits says what an operation leaves in the audit when staff do it; empty:
// nothing. It follows from what the operation is, so that none is forgotten: an
// act is audited unless it says that it is the caller's own, a read where it says
// what it shows.
func (op operation) audits() audit.Kind {
	switch {
	case op.who.public, op.who.account: // nobody's role counts there
		return ""
	case op.shows != "":
		return op.shows
	case op.method == http.MethodGet, op.own:
		return ""
	}
	return audit.Act
}

// entries are what the audit keeps of an operation that was done: one for each
// subject. There are none where the caller is no staff.
func (a *API) entries(ctx context.Context, op operation, t *audit.Trail, answer any) []audit.Entry {
	kind, caller := op.audits(), callerOf(ctx)
	if kind == "" || caller.Actor == nil || !audit.Watches(*caller.Actor) {
		return nil
	}
	subject, id := op.audited, pathID(ctx)
	if subject == "" {
		subject = subjectOf(op.path)
	}
	if id == "" {
		id = idOf(answer)
	}
	return t.Entries(audit.By(*caller.Actor, kind, op.id), subject, id)
}

// subjectOf is the type of what a route is about: the noun before {id}, or else
// the first of the route, in the singular.
func subjectOf(path string) string {
	before, _, _ := strings.Cut(path, "/{")
	nouns := strings.Split(strings.TrimPrefix(before, "/v1/"), "/")
	noun := nouns[0]
	if before != path {
		noun = nouns[len(nouns)-1]
	}
	switch {
	case noun == "people":
		return "person"
	case strings.HasSuffix(noun, "ies"):
		return strings.TrimSuffix(noun, "ies") + "y"
	}
	return strings.TrimSuffix(noun, "s")
}

// idOf returns the identifier of what an answer shows, empty where it shows no
// one thing.
func idOf(answer any) string {
	v := reflect.ValueOf(answer)
	if v.Kind() != reflect.Struct {
		return ""
	}
	id := v.FieldByName("ID")
	if !id.IsValid() || id.Kind() != reflect.String || !store.IsID(id.String()) {
		return ""
	}
	return id.String()
}
