package opinion

import (
	"context"

	"yanlu/internal/fault"
	"yanlu/internal/institution"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

// ErrBehalf is the fault of somebody who hands in for a body that is not theirs.
var ErrBehalf = fault.New(fault.Forbidden, "opinion.behalf", "您不能代表这个集体提交。单位由本单位经办人提交，专委会由本专委会工作人员提交，工作室由联络员提交，界别和小组由本界别、本小组的委员提交；也可以写在纸上，请政协办公室代录。")

// Behalf is for which body a report is handed in; empty for oneself.
type Behalf struct {
	BodyKind   matter.BodyKind `json:"body_kind,omitempty" enum:"UNIT,STUDIO,COMMITTEE,PARTY,GROUP,SECTOR,PANEL,INSTITUTION" example:"UNIT" label:"集体类型" widget:"choice" options:"body_kinds" doc:"以集体名义提交时填写；个人提交不填"`
	BodyUnitID string          `json:"body_unit_id,omitempty" maxLength:"36" example:"" label:"集体（从单位中选）" widget:"choice" options:"bodies" by:"body_kind" when:"body_kind=UNIT,STUDIO,COMMITTEE,PARTY,GROUP,PANEL" doc:"党派、团体、专委会、单位、工作室和联络组选单位；也可以只填名称"`
	BodyName   string          `json:"body_name,omitempty" maxLength:"50" example:"" label:"集体名称" widget:"text" when:"body_kind=SECTOR,PANEL,INSTITUTION" doc:"界别和小组填名称，下级政协填全称；选了单位的不用填"`
}

// BehalfOf is what a form says of the first of some authors: a body that is a unit goes
// by its identifier, any other by its name. It is empty where authors are not told.
func BehalfOf(authors []matter.Author) Behalf {
	if len(authors) == 0 {
		return Behalf{}
	}
	first := authors[0]
	if first.BodyUnitID != nil {
		return Behalf{BodyKind: first.BodyKind, BodyUnitID: *first.BodyUnitID}
	}
	return Behalf{BodyKind: first.BodyKind, BodyName: first.BodyName}
}

// isBegun reports whether it says what kind of body it is, and not yet which.
func (b Behalf) isBegun() bool { return b.BodyUnitID == "" && b.BodyName == "" && b.BodyKind != "" }

// body finds for which body something is handed in, nil for none. matter.ErrBody
// tells of a unit that there is not.
func (b Behalf) body(ctx context.Context, c store.Conn, institutionID string) (*matter.Body, error) {
	if b == (Behalf{}) {
		return nil, nil
	}
	body := matter.Body{Kind: b.BodyKind, UnitID: b.BodyUnitID, Name: b.BodyName}
	divided := body.Kind == matter.SectorBody || body.Kind == matter.PanelBody
	if body.UnitID == "" && body.Kind != matter.InstitutionBody && !divided {
		units, err := institution.UnitsCalled(ctx, c, institutionID, body.Name)
		if err != nil {
			return nil, err
		}
		if len(units) == 0 {
			return nil, matter.ErrBody
		}
		body.UnitID = units[0].ID
	}
	return &body, nil
}

// bodyOf is body for who hands in for it. ErrBehalf tells of one that they do not
// stand for. What comes on paper the office has seen signed.
func (b Behalf) bodyOf(ctx context.Context, c store.Conn, a member.Actor, onPaper bool) (*matter.Body, error) {
	body, err := b.body(ctx, c, a.InstitutionID)
	if err == nil && body != nil && !onPaper && !standsFor(a, *body) {
		err = ErrBehalf
	}
	return body, err
}

// names reports whether it names the body for which an author stands already.
func names(body *matter.Body, a matter.Author) bool {
	if body == nil || a.BodyKind == "" {
		return body == nil && a.BodyKind == ""
	}
	if a.BodyUnitID != nil {
		return body.Kind == a.BodyKind && body.UnitID == *a.BodyUnitID
	}
	return body.Kind == a.BodyKind && body.UnitID == "" && body.Name == a.BodyName
}

// stand lets the first author of a report stand for the body that it now names; none
// for themselves. What was handed in for a body already, and was returned, may stay
// that body's, whoever stands for it by now. An institution that handed it up stays
// who it is.
func stand(ctx context.Context, m *matter.Move, b Behalf) error {
	first := m.Authors[0]
	if first.BodyKind == matter.InstitutionBody {
		return nil
	}
	body, err := b.body(ctx, m.Tx, m.Matter.InstitutionID)
	if err != nil {
		return err
	}
	switch {
	case names(body, first) && (body == nil || m.Subject.Status != matter.Draft):
		return nil
	case body != nil && !m.OnPaper() && !standsFor(m.Actor, *body):
		return ErrBehalf
	case body == nil && first.Is(m.Actor.PersonID) && !m.Actor.IsAny(own...):
		return matter.ErrNotYours // they hand in for bodies alone
	}
	return m.StandFor(ctx, body)
}

// own are the roles that hand in in their own name.
var own = []member.Role{member.Member, member.InfoOfficer}

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
