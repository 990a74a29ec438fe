package api

import (
	"context"
	"net/http"

	"yanlu/internal/calendar"
	"yanlu/internal/fault"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

// termView is a term of the institution.
type termView struct {
	ID      string `json:"id" format:"uuid"`
	Ordinal int    `json:"ordinal" example:"11"`
	Label   string `json:"label" example:"第十一届"`
	Begins  string `json:"begins" format:"date"`
	Ends    string `json:"ends" format:"date"`
	Running bool   `json:"running" doc:"Whether today is within it"`
	Version int64  `json:"version"`
}

// TermFields are what a term is.
type TermFields struct {
	Ordinal int    `json:"ordinal" minimum:"1" maximum:"99" example:"12" doc:"第几届"`
	Begins  string `json:"begins" format:"date" maxLength:"10" example:"2030-01-10" doc:"第一天"`
	Ends    string `json:"ends" format:"date" maxLength:"10" example:"2035-01-09" doc:"最后一天"`
}

func (f TermFields) days() (begins, ends calendar.Day, err error) {
	if begins, err = dayOf(f.Begins, "body.begins"); err != nil {
		return begins, ends, err
	}
	ends, err = dayOf(f.Ends, "body.ends")
	return begins, ends, err
}

type newTerm struct {
	Keyed
	Body struct{ TermFields }
}

type changeTerm struct {
	KeyedID
	Body struct {
		TermFields
		Seen
	}
}

func (a *API) viewTerm(t member.Term) termView {
	_, running := member.TermOn([]member.Term{t}, calendar.Of(a.now()))
	return termView{t.ID, t.Ordinal, t.Label(), t.Begins.String(), t.Ends.String(), running, t.Version}
}

func (a *API) termRoutes() {
	keeps := roles(member.MemberWorkStaff, member.PlatformAdmin)
	with := func(id, method, path, summary string, who access, faults ...*fault.Fault) operation {
		return operation{id: id, method: method, path: path, summary: summary, tag: "届次", who: who, faults: faults}
	}
	read(a, with("term.list", http.MethodGet, "/v1/terms", "届次，新的在前", everybody), func(ctx context.Context, _ *none) (page[termView], error) {
		rows, err := member.Terms(ctx, a.db, actorOf(ctx).InstitutionID)
		return cut(rows, len(rows), func(t member.Term) string { return t.ID }, a.viewTerm), err
	})
	create := with("term.create", http.MethodPost, "/v1/terms", "添加一届", keeps, member.ErrTermDates, member.ErrTermOrdinal)
	create.status = http.StatusCreated
	act(a, create, nil, func(ctx context.Context, tx *store.Tx, in newTerm) (termView, error) {
		begins, ends, err := in.Body.days()
		if err != nil {
			return termView{}, err
		}
		t, err := member.MakeTerm(ctx, tx, actorOf(ctx).InstitutionID, in.Body.Ordinal, begins, ends)
		return a.viewTerm(t), err
	})
	act(a, with("term.change", http.MethodPost, "/v1/terms/{id}/change", "修改一届的届数和起止日期", keeps,
		member.ErrTermNotFound, member.ErrTermDates, member.ErrTermOrdinal, member.ErrTermStale),
		func(ctx context.Context, in changeTerm) error {
			_, err := member.FindTerm(ctx, a.db, actorOf(ctx).InstitutionID, in.ID)
			return err
		},
		func(ctx context.Context, tx *store.Tx, in changeTerm) (termView, error) {
			begins, ends, err := in.Body.days()
			if err != nil {
				return termView{}, err
			}
			t, err := member.ChangeTerm(ctx, tx, actorOf(ctx).InstitutionID, in.ID, in.Body.Version, in.Body.Ordinal, begins, ends)
			return a.viewTerm(t), err
		})
}
