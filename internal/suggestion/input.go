package suggestion

import "yanlu/internal/workflow"

// Content is what a member writes. Lengths are in characters, after trimming.
type Content struct {
	Title     string   `json:"title" minLength:"2" maxLength:"30" example:"修复人民路路灯" label:"标题" widget:"text" doc:"标题，2到30字"`
	Body      string   `json:"body" minLength:"10" maxLength:"500" example:"人民路中段有六盏路灯已坏两周，晚上行人不便，建议尽快修复并定期检查。" label:"内容" widget:"textarea" doc:"内容，10到500字：情况和建议"`
	Category  string   `json:"category" enum:"CITY,TRAFFIC,EDUCATION,HEALTH,AGRICULTURE,ENVIRONMENT,LIVELIHOOD,CULTURE,ECONOMY,OTHER" example:"CITY" label:"类别" widget:"choice" options:"categories" doc:"类别"`
	Place     string   `json:"place,omitempty" maxLength:"100" example:"人民路中段" label:"地点" widget:"place" doc:"地点，可不填"`
	Latitude  *float64 `json:"latitude,omitempty" minimum:"-90" maximum:"90" example:"43.8" widget:"hidden" label:"纬度" doc:"纬度"`
	Longitude *float64 `json:"longitude,omitempty" minimum:"-180" maximum:"180" example:"87.6" widget:"hidden" label:"经度" doc:"经度"`
	CoAuthors []string `json:"co_author_ids,omitempty" maxItems:"20" format:"uuid" label:"联名人" widget:"people" options:"members" doc:"联名的委员，提交后逐一征求本人同意"`
}

// SubmitInput is a suggestion as a member, or a liaison for one, hands it in,
// or as staff record it from paper.
type SubmitInput struct {
	workflow.New
	Content
	OnBehalfOf string   `json:"on_behalf_of,omitempty" maxLength:"36" example:"" label:"代哪位委员提交" widget:"person" doc:"联络员代委员提交时填写"`
	Pictures   []string `json:"pictures,omitempty" maxItems:"9" format:"uuid" example:"[]" label:"照片" widget:"pictures" doc:"照片，先上传再填写编号，可不选，最多9张"`
}

// DraftInput is a suggestion that is not finished. Nothing is due in it.
type DraftInput struct {
	workflow.Begun
	Unfinished
	OnBehalfOf string   `json:"on_behalf_of,omitempty" maxLength:"36" example:"" label:"代哪位委员起草" widget:"person" doc:"联络员代委员起草时填写"`
	Pictures   []string `json:"pictures,omitempty" maxItems:"9" format:"uuid" example:"[]" label:"照片" widget:"pictures" doc:"照片，先上传再填写编号，可不选，最多9张"`
}

// Unfinished is Content of which nothing is due yet.
type Unfinished struct {
	Title     string   `json:"title,omitempty" maxLength:"30" example:"修复人民路路灯" label:"标题" widget:"text" doc:"标题，最多30字"`
	Body      string   `json:"body,omitempty" maxLength:"500" example:"人民路中段有六盏路灯" label:"内容" widget:"textarea" doc:"内容，最多500字"`
	Category  string   `json:"category,omitempty" enum:"CITY,TRAFFIC,EDUCATION,HEALTH,AGRICULTURE,ENVIRONMENT,LIVELIHOOD,CULTURE,ECONOMY,OTHER" example:"CITY" label:"类别" widget:"choice" options:"categories" doc:"类别"`
	Place     string   `json:"place,omitempty" maxLength:"100" example:"人民路中段" label:"地点" widget:"place" doc:"地点"`
	Latitude  *float64 `json:"latitude,omitempty" minimum:"-90" maximum:"90" example:"43.8" widget:"hidden" label:"纬度" doc:"纬度"`
	Longitude *float64 `json:"longitude,omitempty" minimum:"-180" maximum:"180" example:"87.6" widget:"hidden" label:"经度" doc:"经度"`
	CoAuthors []string `json:"co_author_ids,omitempty" maxItems:"20" format:"uuid" label:"联名人" widget:"people" options:"members" doc:"联名的委员"`
}

// SaveInput keeps a draft as it stands now.
type SaveInput struct {
	workflow.Seen
	Unfinished
	Pictures []string `json:"pictures,omitempty" maxItems:"9" format:"uuid" example:"[]" label:"照片" widget:"pictures" doc:"现在应有的全部照片，按顺序；不填则不变，最多9张"`
}

// SendInput hands a draft in, or what was returned, as it stands now.
type SendInput struct {
	workflow.Seen
	Content
	Pictures []string `json:"pictures,omitempty" maxItems:"9" format:"uuid" example:"[]" label:"照片" widget:"pictures" doc:"现在应有的全部照片，按顺序；不填则不变，最多9张"`
}

// AcceptInput takes a suggestion up. In a small office one screen registers,
// classifies and proposes the units.
type AcceptInput struct {
	workflow.Seen
	Category   string   `json:"category,omitempty" enum:"CITY,TRAFFIC,EDUCATION,HEALTH,AGRICULTURE,ENVIRONMENT,LIVELIHOOD,CULTURE,ECONOMY,OTHER" example:"CITY" label:"类别" widget:"choice" options:"categories" doc:"确认后的类别，不填则不变"`
	Route      Route    `json:"route" enum:"DIRECT_UNIT,LEAD_BY_COMMITTEE,LEAD_BY_MEMBER,SUPERVISION_OFFICE,TOWN" example:"DIRECT_UNIT" label:"办理方式" widget:"choice" again:"yes" options:"routes" doc:"办理方式"`
	LeaderID   string   `json:"leader_id,omitempty" maxLength:"36" example:"" label:"领办委员" widget:"person" options:"members" when:"route=LEAD_BY_MEMBER" doc:"由委员领办时，是哪位委员"`
	LeaderUnit string   `json:"leader_unit_id,omitempty" maxLength:"36" example:"" label:"领办单位" widget:"choice" options:"leading_units" when:"route=LEAD_BY_COMMITTEE,SUPERVISION_OFFICE,TOWN" doc:"由专委会、督查室或镇街领办时，是哪个单位"`
	Urgent     bool     `json:"urgent,omitempty" example:"false" label:"加急" widget:"switch" doc:"是否加急"`
	LeadUnitID string   `json:"lead_unit_id,omitempty" maxLength:"36" label:"拟主办单位" widget:"choice" options:"units" unless:"co_unit_ids" doc:"拟交哪个单位主办，可不填"`
	CoUnitIDs  []string `json:"co_unit_ids,omitempty" maxItems:"20" format:"uuid" label:"拟会办单位" widget:"choices" options:"units" unless:"lead_unit_id" doc:"拟会办单位，可不填"`
}

// LedInput tells what was done in leading the handling.
type LedInput struct {
	workflow.Seen
	Way     LedWay   `json:"way" enum:"VISIT,RESEARCH,DELIBERATION,OVERSIGHT" example:"VISIT" label:"方式" widget:"choice" options:"led_ways" doc:"走访、调研、微协商、微监督"`
	Summary string   `json:"summary" minLength:"2" maxLength:"500" example:"与住建局、社区一起看了现场，商定先修主路。" label:"情况" widget:"textarea" doc:"活动情况，2到500字，提出人看得到"`
	Files   []string `json:"files,omitempty" maxItems:"9" format:"uuid" example:"[]" label:"照片和文件" widget:"files" doc:"照片和文件，先上传再填写编号，可不选，最多9个"`
}

// ReturnInput sends a suggestion back to its author, with what to mend.
type ReturnInput struct{ workflow.Reasoned }

// RejectInput turns a suggestion down, with the reason in words and as a code,
// and where else to turn to.
type RejectInput struct {
	workflow.Reasoned
	Code    Rejection `json:"code" enum:"SECRET,LITIGATION,PERSONAL,PERSONNEL,COMMERCIAL,BEYOND,UNCLEAR,REPEATED" example:"REPEATED" label:"不予受理的情形" widget:"choice" options:"rejections" doc:"不予受理的情形"`
	Channel Channel   `json:"channel,omitempty" enum:"PETITION,HOTLINE,POLICE,DISCIPLINE,COURT,UPPER_BODY,DEPARTMENT" example:"HOTLINE" label:"可转其他渠道" widget:"choice" options:"channels" doc:"告诉委员可以走的其他渠道，可不填"`
}

// EscalateInput hands a suggestion up.
type EscalateInput struct {
	workflow.Reasoned
	Target string `json:"target" minLength:"2" maxLength:"50" example:"市政协" label:"上报到" widget:"text" doc:"上报到哪里，如市政协、省长信箱"`
}

// ConcludeInput books what came back from above.
type ConcludeInput struct {
	workflow.Seen
	Answer string `json:"answer" minLength:"2" maxLength:"3000" example:"市政协已转市交通局，列入明年计划。" label:"答复内容" widget:"textarea" doc:"上级的答复，会告诉提出人"`
}
