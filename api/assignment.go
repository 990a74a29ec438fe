package api

import (
	"context"
	"net/http"
	"slices"

	"yanlu/internal/fault"
	"yanlu/internal/handling"
	"yanlu/internal/institution"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// institutionFaults are what dispatching a matter may answer besides.
var institutionFaults = []*fault.Fault{institution.ErrNoUnit, handling.ErrUnitTwice, handling.ErrMode, handling.ErrDue, handling.ErrMeeting, handling.ErrNoMutual, handling.ErrMarked, handling.ErrMarkLate, handling.ErrNoFollow, handling.ErrWhy, handling.ErrRated, handling.ErrChair, handling.ErrUrged}

// openFaults are what bringing a matter into being may answer.
var openFaults = []*fault.Fault{matter.ErrNotYours, matter.ErrPaper, matter.ErrPaperSuspended, matter.ErrAuthor, matter.ErrCoAuthor}

// sharedFaults are what the actions that all kinds share may answer besides.
var sharedFaults = []*fault.Fault{matter.ErrCoAuthor, matter.ErrMergeTarget, matter.ErrMergedLater, matter.ErrOthersIn, matter.ErrColleague}

func matterFaultsAnd(more ...*fault.Fault) []*fault.Fault { return slices.Concat(matterFaults, more) }

// mayMatter checks that an actor may still see a matter of a kind.
func (a *API) mayMatter(kind matter.Kind) func(context.Context, member.Actor, string) error {
	return func(ctx context.Context, actor member.Actor, id string) error {
		_, _, err := a.matters.Find(ctx, a.db, actor, kind, id)
		return err
	}
}

// actOn takes an action on a matter of a kind and tells where it stands then.
func (a *API) actOn(kind matter.Kind) func(context.Context, *store.Tx, member.Actor, string, workflow.Rule, workflow.Input) (StateView, error) {
	flow := a.matters.Flow(kind)
	return func(ctx context.Context, tx *store.Tx, actor member.Actor, id string, rule workflow.Rule, input workflow.Input) (StateView, error) {
		x, authors, err := a.matters.Act(ctx, tx, actor, kind, id, rule.Action, input)
		if err != nil {
			return StateView{}, err
		}
		return offered(ctx, tx, actor, matterState(flow, x, actor, authors), x.ID)
	}
}

// outcomeView is a result that units choose from.
type outcomeView struct {
	Value string `json:"value" example:"A"`
	Label string `json:"label" example:"A 已经解决或采纳"`
}

func (a *API) assignmentRoutes() {
	read(a, operation{id: "outcome.list", method: http.MethodGet, path: "/v1/outcomes", summary: "本单位的办理结果", tag: "交办", who: everybody},
		func(ctx context.Context, _ *none) (page[outcomeView], error) {
			all, err := handling.Outcomes().Of(ctx, a.db, actorOf(ctx).InstitutionID)
			p := page[outcomeView]{Items: []outcomeView{}}
			for _, o := range all {
				p.Items = append(p.Items, outcomeView{o.Code, o.Code + " " + o.Label})
			}
			return p, err
		})
	a.followRoutes()
	const base, tag = "/v1/assignments", "交办"
	flow := handling.Flow()
	run := func(ctx context.Context, tx *store.Tx, actor member.Actor, id string, rule workflow.Rule, input workflow.Input) (StateView, error) {
		x, err := a.handling.Act(ctx, tx, actor, id, rule.Action, input)
		if err != nil {
			return StateView{}, err
		}
		return offered(ctx, tx, actor, assignmentState(x.Flow, x.Assignment, actor), x.MatterID)
	}
	faults := slices.Concat([]*fault.Fault{
		handling.ErrNotFound, handling.ErrPhone, handling.ErrTooLate, handling.ErrExtended, handling.ErrTooLong, handling.ErrUntil, handling.ErrExpired, handling.ErrOutcome, handling.ErrOriginal, handling.ErrNoMutual, handling.ErrMarked, handling.ErrMarkLate, handling.ErrUrged, handling.ErrUnitTwice, institution.ErrNoUnit,
	}, referFaults, matterFaults)
	bindFlow(a, base, tag, flow, faults, a.handling.MaySee, run)
	bindBulk(a, base, tag, flow, faults, handling.LockAll, run)
	bindSheets(&sheetKind{api: a, flow: flow, act: run}, base, tag)
}
