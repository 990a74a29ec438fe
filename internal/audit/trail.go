package audit

import (
	"cmp"
	"context"

	"yanlu/internal/store"
)

// Trail is what an operation says of itself while it runs, beyond what its route
// and its answer tell: its subjects, or whose act it records from paper.
type Trail struct {
	subjects []subject
	actedFor string
}

type subject struct{ kind, id, actedFor string }

type trailKey struct{}

// WithTrail returns a context in which the operation leaves its trail.
func WithTrail(ctx context.Context) (context.Context, *Trail) {
	t := &Trail{}
	return context.WithValue(ctx, trailKey{}, t), t
}

// About says what an operation is done on, where that is not what its route names
// or what it makes: one entry for each identifier. Outside of an operation it does
// nothing.
func About(ctx context.Context, subjectType string, ids ...string) {
	if t, ok := ctx.Value(trailKey{}).(*Trail); ok {
		for _, id := range ids {
			t.subjects = append(t.subjects, subject{kind: subjectType, id: id})
		}
	}
}

// Subject is About for one of the things that an operation on many is done on: in
// the context that it returns, ActedFor says whose act that one was.
func Subject(ctx context.Context, subjectType, id string) context.Context {
	t, ok := ctx.Value(trailKey{}).(*Trail)
	if !ok {
		return ctx
	}
	t.subjects = append(t.subjects, subject{kind: subjectType, id: id})
	return context.WithValue(ctx, subjectKey{}, len(t.subjects)-1)
}

type subjectKey struct{}

// ActedFor says whose act an operation records from paper: a person or a unit.
// Outside of an operation it does nothing.
func ActedFor(ctx context.Context, id string) {
	t, ok := ctx.Value(trailKey{}).(*Trail)
	if !ok || !store.IsID(id) {
		return
	}
	if i, ok := ctx.Value(subjectKey{}).(int); ok {
		t.subjects[i].actedFor = id
		return
	}
	t.actedFor = id
}

// Entries are those of an entry's subjects: as the trail tells, or else the one
// that it is given.
func (t *Trail) Entries(e Entry, subjectType, subjectID string) []Entry {
	if len(t.subjects) == 0 {
		return []Entry{e.For(t.actedFor).On(subjectType, subjectID)}
	}
	entries := make([]Entry, 0, len(t.subjects))
	for _, s := range t.subjects {
		entries = append(entries, e.For(cmp.Or(s.actedFor, t.actedFor)).On(s.kind, s.id))
	}
	return entries
}
