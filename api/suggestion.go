package api

import (
	"context"
	"net/http"

	"yanlu/internal/fault"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/store"
	"yanlu/internal/suggestion"
	"yanlu/internal/workflow"
)

// suggestionView is one 微建议.
type suggestionView struct {
	MatterView
	Body      string               `json:"body"`
	Place     string               `json:"place,omitempty"`
	Latitude  *float64             `json:"latitude,omitempty"`
	Longitude *float64             `json:"longitude,omitempty"`
	Route     suggestion.Route     `json:"route,omitempty" enum:"LEAD_BY_COMMITTEE,LEAD_BY_MEMBER,SUPERVISION_OFFICE,DIRECT_UNIT"`
	Rejection suggestion.Rejection `json:"rejection,omitempty" enum:"SECRET,LITIGATION,PERSONAL,PERSONNEL,COMMERCIAL,BEYOND,UNCLEAR,REPEATED"`
}

type submitSuggestion struct {
	Keyed
	Body suggestion.SubmitInput
}

type listSuggestions struct {
	Paged
	Status workflow.Status `query:"status" maxLength:"30" doc:"Only those in this state; docs/flows.md lists them" example:"SUBMITTED"`
}

func (a *API) suggestionRoutes() {
	const base, tag = "/v1/suggestions", "微建议"
	flow := a.matters.Flow(suggestion.Kind)

	act(a, operation{
		id: "suggestion.submit", method: http.MethodPost, path: base, summary: "提交微建议", tag: tag, status: http.StatusCreated,
		who: roles(member.Member), faults: []*fault.Fault{suggestion.ErrTitle, suggestion.ErrBody, suggestion.ErrPlace, matter.ErrNotYours},
	}, nil, func(ctx context.Context, tx *store.Tx, in submitSuggestion) (StateView, error) {
		x, err := a.suggest.Submit(ctx, tx, actorOf(ctx), in.Body)
		return matterState(flow, x, nil), err
	})
	read(a, operation{
		id: "suggestion.list", method: http.MethodGet, path: base, summary: "微建议列表", tag: tag, who: everybody,
		faults: []*fault.Fault{errCursor},
	}, func(ctx context.Context, in *listSuggestions) (page[lineView], error) {
		before, err := idCursor(in.After)
		if err != nil {
			return page[lineView]{}, err
		}
		if _, known := flow.State(in.Status); in.Status != "" && !known {
			return page[lineView]{}, errInvalid.With(fault.Field{Path: "query.status", Message: "没有这种状态"})
		}
		lines, err := a.matters.List(ctx, actorOf(ctx), matter.Filter{Kind: suggestion.Kind, Status: in.Status, Before: before, Limit: in.Limit + 1})
		return cut(lines, in.Limit, func(l matter.Line) string { return l.ID }, lineOf(flow)), err
	})
	read(a, operation{
		id: "suggestion.read", method: http.MethodGet, path: base + "/{id}", summary: "查看微建议", tag: tag, who: everybody,
		faults: []*fault.Fault{matter.ErrNotFound},
	}, func(ctx context.Context, in *IDInput) (suggestionView, error) { return a.suggestion(ctx, in.ID) })
	bindFlow(a, base, tag, flow, matterFaultsAnd(institutionFaults...), a.mayMatter(suggestion.Kind), a.actOn(suggestion.Kind))
}

func (a *API) suggestion(ctx context.Context, id string) (suggestionView, error) {
	actor, b := actorOf(ctx), a.db.Batch()
	d, t, own := a.matters.Load(b, actor, suggestion.Kind, id), a.handling.Load(b, id), suggestion.Load(b, id)
	found := a.findings(b, actor, id)
	if err := b.Run(ctx); err != nil {
		return suggestionView{}, err
	}
	v, err := a.finish(d, t, actor)
	if err != nil {
		return suggestionView{}, err
	}
	v.addFindings(found)
	s := (*own)[0]
	return suggestionView{v, s.Body, s.Place, s.Latitude, s.Longitude, s.Route, s.Rejection}, nil
}
