package api

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	"yanlu/internal/audit"
	"yanlu/internal/fault"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/proposal"
	"yanlu/internal/report"
	"yanlu/internal/sheet"
	"yanlu/internal/workflow"
)

// PartInput narrows a list to a year, or to a session.
type PartInput struct {
	Year       int    `query:"year" minimum:"2000" maximum:"2100" doc:"Only what was handed in in this year" example:"2026"`
	Collection string `query:"collection_id" format:"uuid" doc:"Of 提案 only those of this session, or of this collection of a higher body" example:"0192f1c0-7d7a-7c31-9d2e-3f0a5b6c7d8e"`
}

// MattersInput narrows a list of matters.
type MattersInput struct {
	PartInput
	Status workflow.Status `query:"status" maxLength:"30" doc:"Only those in this state; docs/flows.md lists them" example:"SUBMITTED"`
	Mine   bool            `query:"mine" doc:"Only those of which the asker is, or is asked to be, an author, or that they handed in for one" example:"true"`
	Stage  matter.Stage    `query:"stage" enum:"DRAFT,OPEN,OVER" doc:"Only what is not handed in yet, what is under way, or what has come to its end" example:"OPEN"`
}

type listMatters struct {
	Paged
	MattersInput
}

// partFaults are what narrowing to a part of a kind may answer.
func partFaults(kind matter.Kind) []*fault.Fault {
	if kind == proposal.Kind {
		return []*fault.Fault{proposal.ErrNoCollection}
	}
	return nil
}

// part finds the part of a kind that is asked for.
func (a *API) part(ctx context.Context, kind matter.Kind, in PartInput) (matter.Part, error) {
	var p matter.Part
	if in.Collection != "" {
		if kind != proposal.Kind {
			return p, errInvalid.With(fault.Field{Path: "query.collection_id", Message: "只有提案按会议分"})
		}
		c, err := proposal.FindCollection(ctx, a.db, actorOf(ctx).InstitutionID, in.Collection)
		if err != nil {
			return p, err
		}
		p = c.Part()
	}
	if in.Year > 0 {
		p = p.InYear(in.Year)
	}
	return p, nil
}

// wanted is the filter that an input stands for.
func (a *API) wanted(ctx context.Context, kind matter.Kind, in MattersInput) (matter.Filter, error) {
	if _, known := a.matters.Flow(kind).State(in.Status); in.Status != "" && !known {
		return matter.Filter{}, errInvalid.With(fault.Field{Path: "query.status", Message: "没有这种状态"})
	}
	part, err := a.part(ctx, kind, in.PartInput)
	return matter.Filter{Kind: kind, Status: in.Status, Stage: in.Stage, Mine: in.Mine, Part: part}, err
}

// bindList makes the operations that list the matters of a kind that the asker
// sees, the newest first, and that give them out as a table.
func bindList(a *API, base, tag string, kind matter.Kind) {
	flow := a.matters.Flow(kind)
	read(a, operation{
		id: flow.Name + ".list", method: http.MethodGet, path: base, summary: flow.Label + "列表", tag: tag, who: everybody,
		faults: append(partFaults(kind), errCursor),
	}, func(ctx context.Context, in *listMatters) (page[lineView], error) {
		before, err := idCursor(in.After)
		if err != nil {
			return page[lineView]{}, err
		}
		f, err := a.wanted(ctx, kind, in.MattersInput)
		if err != nil {
			return page[lineView]{}, err
		}
		f.Before, f.Limit = before, in.Limit+1
		lines, err := a.matters.List(ctx, actorOf(ctx), f)
		return cut(lines, in.Limit, func(l matter.Line) string { return l.ID }, lineOf(flow)), err
	})
	export(a, operation{
		id: flow.Name + ".export", method: http.MethodGet, path: base + "/export", summary: "导出" + flow.Label + "（Excel表格）", tag: tag,
		who:   roles(member.InfoStaff, member.ProposalStaff, member.ProposalChair, member.Leader, member.UnitHandler, member.UnitLeader),
		shows: audit.Export, faults: append(partFaults(kind), report.ErrTooMany),
	}, sheet.Type, func(ctx context.Context, in *MattersInput) (file, error) {
		f, err := a.wanted(ctx, kind, *in)
		if err != nil {
			return file{}, err
		}
		rows, err := a.reports.List(ctx, actorOf(ctx), f)
		if err != nil {
			return file{}, err
		}
		name := flow.Label
		if in.Year > 0 {
			name = fmt.Sprintf("%s（%d年）", name, in.Year)
		}
		var b bytes.Buffer
		err = sheet.Write(&b, flow.Label, matterColumns(kind), matterCells(flow, rows))
		return attached(sheet.Type, flow.Name+"s.xlsx", name+".xlsx", b.Bytes()), err
	})
}
