package api

import (
	"context"
	"net/http"
	"slices"

	"yanlu/internal/fault"
	"yanlu/internal/handling"
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
	Route     suggestion.Route     `json:"route,omitempty" enum:"DIRECT_UNIT,LEAD_BY_COMMITTEE,LEAD_BY_MEMBER,SUPERVISION_OFFICE,TOWN"`
	Proposed  []string             `json:"proposed_unit_ids,omitempty" doc:"Units proposed at acceptance, the lead first; for the office"`
	Channel   suggestion.Channel   `json:"channel,omitempty" enum:"PETITION,HOTLINE,POLICE,DISCIPLINE,COURT,UPPER_BODY,DEPARTMENT" doc:"Where else to turn to"`
	Escalated string               `json:"escalated_to,omitempty"`
	Rejection suggestion.Rejection `json:"rejection,omitempty" enum:"SECRET,LITIGATION,PERSONAL,PERSONNEL,COMMERCIAL,BEYOND,UNCLEAR,REPEATED"`
}

type submitSuggestion struct {
	Keyed
	Body suggestion.SubmitInput
}

type draftSuggestion struct {
	Keyed
	Body suggestion.DraftInput
}

type numberMatters struct {
	Keyed
	Body struct {
		IDs   []string `json:"ids" minItems:"1" maxItems:"100" format:"uuid" doc:"事项，按编号的先后"`
		Start int64    `json:"start,omitempty" minimum:"0" maximum:"99999" example:"0" doc:"起始号，不填则接着编"`
	}
}

type numberView struct {
	ID     string `json:"id" format:"uuid"`
	Number string `json:"number" example:"2026年第31号"`
}

// contentFaults are what the words of a suggestion may answer.
var contentFaults = []*fault.Fault{suggestion.ErrTitle, suggestion.ErrBody, suggestion.ErrPlace}

func (a *API) suggestionRoutes() {
	const base, tag = "/v1/suggestions", "微建议"
	flow := a.matters.Flow(suggestion.Kind)

	act(a, operation{
		id: "suggestion.submit", method: http.MethodPost, path: base, summary: "提交微建议", tag: tag, status: http.StatusCreated,
		who: roles(member.Member, member.Liaison, member.InfoStaff, member.ProposalStaff), faults: slices.Concat(openFaults, contentFaults, referFaults),
	}, nil, func(ctx context.Context, tx *store.Tx, in submitSuggestion) (StateView, error) {
		x, authors, err := a.suggest.Submit(ctx, tx, actorOf(ctx), in.Body)
		return matterState(flow, x, actorOf(ctx), authors), err
	})
	act(a, operation{
		id: "suggestion.draft", method: http.MethodPost, path: base + "/drafts", summary: "存为草稿", tag: tag, status: http.StatusCreated,
		who: roles(member.Member, member.Liaison), faults: slices.Concat(openFaults, referFaults),
	}, nil, func(ctx context.Context, tx *store.Tx, in draftSuggestion) (StateView, error) {
		x, authors, err := a.suggest.Draft(ctx, tx, actorOf(ctx), in.Body)
		return matterState(flow, x, actorOf(ctx), authors), err
	})
	act(a, operation{
		id: "suggestion.number", method: http.MethodPost, path: base + "/numbers", summary: "按顺序编号", tag: tag,
		who: roles(member.InfoStaff, member.ProposalStaff), faults: []*fault.Fault{matter.ErrNumbered, matter.ErrNumberUsed},
	}, nil, func(ctx context.Context, tx *store.Tx, in numberMatters) (page[numberView], error) {
		rows, err := a.suggest.Number(ctx, tx, actorOf(ctx), in.Body.IDs, in.Body.Start)
		return numbersOf(ctx, rows), err
	})
	bindList(a, base, tag, suggestion.Kind)
	read(a, operation{
		id: "suggestion.read", method: http.MethodGet, path: base + "/{id}", summary: "查看微建议", tag: tag, who: everybody,
		faults: []*fault.Fault{matter.ErrNotFound},
	}, func(ctx context.Context, in *IDInput) (suggestionView, error) { return a.suggestion(ctx, in.ID) })
	faults := matterFaultsAnd(slices.Concat(institutionFaults, contentFaults, referFaults, sharedFaults, []*fault.Fault{matter.ErrConvert, suggestion.ErrLeader, handling.ErrNoLead, handling.ErrNoUnits})...)
	bindFlow(a, base, tag, flow, faults, a.mayMatter(suggestion.Kind), a.actOn(suggestion.Kind))
	bindBulk(a, base, tag, flow, faults, matter.Lock, a.actOn(suggestion.Kind))
	bindSheets(&sheetKind{
		api: a, flow: flow, kind: suggestion.Kind, act: a.actOn(suggestion.Kind),
		open: map[string]sheetOpener{"submit": func(ctx context.Context, tx *store.Tx, actor member.Actor, input workflow.Input) (StateView, error) {
			x, authors, err := a.suggest.Submit(ctx, tx, actor, input.(suggestion.SubmitInput))
			return matterState(flow, x, actor, authors), err
		}},
	}, base, tag)
}

func (a *API) suggestion(ctx context.Context, id string) (suggestionView, error) {
	var own *[]suggestion.Suggestion
	v, _, _, err := a.readMatter(ctx, suggestion.Kind, id, func(b *store.Batch) { own = suggestion.Load(b, id) })
	if err != nil {
		return suggestionView{}, err
	}
	s := (*own)[0]
	sv := suggestionView{
		MatterView: v, Body: s.Body, Place: s.Place, Latitude: s.Latitude, Longitude: s.Longitude, Route: s.Route,
		Channel: s.Channel, Escalated: s.EscalatedTo, Rejection: s.Rejection,
	}
	if matter.Oversees(actorOf(ctx)) {
		sv.Proposed = handling.Proposed(s.ProposedJSON)
	}
	return sv, nil
}
