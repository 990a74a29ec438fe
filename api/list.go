package api

import (
	"context"
	"net/http"

	"yanlu/internal/fault"
	"yanlu/internal/matter"
	"yanlu/internal/workflow"
)

type listMatters struct {
	Paged
	Status workflow.Status `query:"status" maxLength:"30" doc:"Only those in this state; docs/flows.md lists them" example:"SUBMITTED"`
	Mine   bool            `query:"mine" doc:"Only those of which the asker is, or is asked to be, an author, or that they handed in for one" example:"true"`
	Stage  matter.Stage    `query:"stage" enum:"DRAFT,OPEN,OVER" doc:"Only what is not handed in yet, what is under way, or what has come to its end" example:"OPEN"`
}

// bindList makes the operation that lists the matters of a kind that the asker
// sees, the newest first.
func bindList(a *API, base, tag string, kind matter.Kind) {
	flow := a.matters.Flow(kind)
	read(a, operation{
		id: flow.Name + ".list", method: http.MethodGet, path: base, summary: flow.Label + "列表", tag: tag, who: everybody,
		faults: []*fault.Fault{errCursor},
	}, func(ctx context.Context, in *listMatters) (page[lineView], error) {
		before, err := idCursor(in.After)
		if err != nil {
			return page[lineView]{}, err
		}
		if _, known := flow.State(in.Status); in.Status != "" && !known {
			return page[lineView]{}, errInvalid.With(fault.Field{Path: "query.status", Message: "没有这种状态"})
		}
		lines, err := a.matters.List(ctx, actorOf(ctx), matter.Filter{Kind: kind, Status: in.Status, Stage: in.Stage, Mine: in.Mine, Before: before, Limit: in.Limit + 1})
		return cut(lines, in.Limit, func(l matter.Line) string { return l.ID }, lineOf(flow)), err
	})
}
