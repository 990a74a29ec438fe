package opinion

import (
	"context"

	"yanlu/internal/fault"
	"yanlu/internal/institution"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// ErrBehalf is the fault of somebody who hands in for a body that is not theirs.
var ErrBehalf = fault.New(fault.Forbidden, "opinion.behalf", "您不能代表这个集体提交。单位由本单位经办人提交，工作室由联络员提交，界别和小组由本界别、本小组的委员提交；也可以写在纸上，请政协办公室代录。")

// Behalf is for which body a report is handed in; empty for oneself.
type Behalf struct {
	BodyKind   matter.BodyKind `json:"body_kind,omitempty" enum:"UNIT,STUDIO,COMMITTEE,PARTY,GROUP,SECTOR,PANEL,INSTITUTION" example:"UNIT" label:"集体类型" widget:"choice" options:"body_kinds" doc:"以集体名义提交时填写；个人提交不填"`
	BodyUnitID string          `json:"body_unit_id,omitempty" maxLength:"36" example:"" label:"集体（从单位中选）" widget:"choice" options:"leading_units" when:"body_kind=UNIT,STUDIO,COMMITTEE,PARTY,GROUP" doc:"党派、团体、专委会、单位和工作室选单位；也可以只填名称"`
	BodyName   string          `json:"body_name,omitempty" maxLength:"50" example:"" label:"集体名称" widget:"text" when:"body_kind=SECTOR,PANEL,INSTITUTION" doc:"界别和小组填名称，下级政协填全称；选了单位的不用填"`
}

// body returns for which body something is handed in, nil for none. ErrBehalf
// tells of one that the actor does not stand for, matter.ErrBody of none that
// there is. What comes on paper the office has seen signed.
func (b Behalf) body(ctx context.Context, tx *store.Tx, a member.Actor, paper *workflow.Paper) (*matter.Body, error) {
	if b == (Behalf{}) {
		return nil, nil
	}
	body := matter.Body{Kind: b.BodyKind, UnitID: b.BodyUnitID, Name: b.BodyName}
	divided := body.Kind == matter.SectorBody || body.Kind == matter.PanelBody
	if body.UnitID == "" && body.Kind != matter.InstitutionBody && !divided {
		units, err := institution.UnitsCalled(ctx, tx.Peek(), a.InstitutionID, body.Name)
		if err != nil {
			return nil, err
		}
		if len(units) == 0 {
			return nil, matter.ErrBody
		}
		body.UnitID = units[0].ID
	}
	if paper == nil && !standsFor(a, body) {
		return nil, ErrBehalf
	}
	return &body, nil
}

// standsFor reports whether an actor may hand in for a body: a unit's own people
// for the unit, a liaison for a studio, a member for their sector or panel.
func standsFor(a member.Actor, b matter.Body) bool {
	switch b.Kind {
	case matter.StudioBody:
		return a.Is(member.Liaison) || b.Stands(a)
	case matter.SectorBody:
		return a.Is(member.Member) && a.Sector == b.Name && b.UnitID == ""
	case matter.PanelBody:
		return b.Stands(a) || a.Is(member.Member) && a.GroupName == b.Name && b.UnitID == ""
	}
	return b.Stands(a)
}
