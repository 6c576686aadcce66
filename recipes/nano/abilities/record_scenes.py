"""Texts as people write them, in which the facts stand close together. For training alone."""

# A scene: its name and its fields (names : kind, as in the record domains), then texts that tell some of them.
SCENES = """
# person : name full_name person_name : person ; age years : int 18 90 ; city town home location : city ; job occupation profession position : job ; company employer : company
{name}, {age}, works as a {job} at {company}.
{name} is {age} years old and lives in {city}.
{name} ({age}) from {city} is a {job}.
My name is {name}, I am {age} and I live in {city}.
{name} joined {company} as a {job}. Before that, {name} lived in {city}.
At {company} in {city}, {name} is the new {job}.
{name} turned {age} last week.
# contact : name contact full_name : person ; email mail email_address : email ; phone phone_number tel : phone ; city town : city ; company organization firm : company
Hi, this is {name} from {city}. You can reach me at {email} or {phone}.
{name} ({email}) of {company}, phone {phone}.
{name}, {company}, {email}
Please write to {email} or call {phone}. Regards, {name}
Contact {name} at {email}, or ring {phone}.
New lead: {name} from {company}. Mail: {email}. Phone: {phone}.
# order : customer customer_name buyer client : person ; product item article : thing ; quantity amount count units : int 1 40 ; price unit_price cost : num 2 400 ; order_number order_id number : id ; city destination : city
{customer} from {city} ordered {quantity} {product}.
{customer} ordered {quantity} x {product} at {price} dollars each.
Order {order_number}: {quantity} {product} for {customer}, {price} each.
{quantity} {product} go to {customer} in {city}, order {order_number}.
{customer} wants {quantity} {product} for {price} euros.
{customer} bought {product} for {price}.
# invoice : invoice_number number invoice_id : id ; vendor supplier seller company from : company ; date issued issue_date invoice_date : iso ; total amount sum total_amount : num 10 4000 ; currency : enum EUR/USD/GBP/CHF ; due_date due : iso ; customer bill_to : person
Invoice {invoice_number} from {vendor}, issued {date}, total {total} {currency}.
{vendor} sent invoice {invoice_number} over {total} {currency}, due on {due_date}.
Please pay {total} {currency} to {vendor} by {due_date} (invoice {invoice_number}).
Invoice no. {invoice_number} of {date} to {customer}: {total} {currency}.
On {date} {customer} was billed {total} {currency}.
# meeting : title topic subject meeting_title : event ; date day when : date ; time start start_time : time ; room place location : id ; participants people attendees guests : list first ; organizer host : person
The {title} is on {date} at {time} in room {room} with {participants}.
{title}: {date}, {time}, room {room}. With {participants}.
{organizer} invites {participants} to the {title} on {date}.
{participants} meet in {room} at {time}.
Meeting with {participants} on {date} at {time}.
{participants} are coming to the {title} on {date}.
# event : name title event_name : title ; date day : date ; city place location venue : city ; price ticket_price fee : num 5 90 ; participants people guests : list first ; organizer host : company
{participants} are going to {name} in {city} on {date}.
{name} takes place in {city} on {date}. Tickets cost {price}.
{organizer} presents {name}, {date}, {city}. Entry: {price}.
On {date} {participants} will visit {name}.
{name} by {organizer} was in {city} on {date}.
# company_profile : company name company_name : company ; address street : address ; city town headquarters : city ; founded year founding_year : int 1900 2024 ; employees staff headcount : int 5 9000 ; ceo director boss : person
{company} is located at {address}, {city}.
{company}, founded in {founded}, has {employees} employees in {city}.
{ceo} runs {company} from {city} since {founded}.
{ceo} of {company} ({city}) leads {employees} people.
{company} was founded in {founded} by {ceo} and is based in {city}.
# job_ad : title position job role job_title : job ; company employer : company ; city location place : city ; min salary_min minimum : int 20000 59000 ; max salary_max maximum : int 60000 99000 ; remote is_remote : bool Remote work is possible/Remote work is not possible ; contact recruiter : email
{company} is looking for a {title} in {city}. Salary from {min} to {max}. {remote}.
{title} wanted at {company}, {city}: {min} to {max} a year. Write to {contact}.
We hire a {title}. Pay: {min}-{max}. {remote}.
Job: {title} ({city}), {company}, apply at {contact}.
# film : title movie film name : title ; director directed_by : person ; year release_year released : int 1950 2025 ; rating score stars : num 1 10 ; actors cast starring : list first ; minutes runtime length duration : int 70 190
{title} ({year}) by {director}, {minutes} minutes, rated {rating}.
{title} is a {year} film directed by {director} with {actors}.
{director} made {title} in {year}. It stars {actors}.
{title}, {rating} stars, with {actors}.
Yesterday we watched {title} by {director}. It runs {minutes} minutes.
# dish : dish recipe name title : phrase ; ingredients items : list noun ; minutes time cooking_time : int 5 120 ; servings portions people : int 1 12 ; calories kcal : int 80 900
Ingredients for the {dish}: {ingredients}.
For the {dish} you need {ingredients}. It takes {minutes} minutes and serves {servings}.
{dish}: {ingredients}. {minutes} min, {calories} kcal.
{dish} for {servings} people, ready in {minutes} minutes.
# traveller : name person traveller : person ; countries places visited : list country ; city from home : city
{name} from {city} has lived in {countries}.
{name} knows {countries} well.
Last year {name} travelled to {countries}.
# log_entry : time timestamp at : time ; level severity : enum ERROR/WARN/INFO/DEBUG ; service component module source : pseudo ; code status error_code status_code : int 100 599 ; file path : file ; line line_number : int 1 900
{time} {level} {service}: request failed with code {code}
[{time}] {level} {service} {file}:{line}
{level} in {file} line {line} ({service})
{time} [{service}] {level} status={code} file={file}
{service} returned {code} at {time}
# parcel : tracking_number tracking parcel_id : id ; recipient receiver to name : person ; weight weight_kg kg : num 0 30 ; city destination : city ; carrier shipped_by : company ; delivery_date arrives date : date
Parcel {tracking_number} for {recipient} in {city}, {weight} kg, shipped with {carrier}.
{carrier} delivers {tracking_number} to {recipient} on {delivery_date}.
Your parcel ({weight} kg) to {city} arrives on {delivery_date}. Number: {tracking_number}.
{recipient} gets a parcel of {weight} kg from {carrier}.
# booking : guest name customer : person ; hotel place : title ; city : city ; nights stay : int 1 14 ; check_in arrival from date : date ; guests people persons : int 1 8 ; room room_type : enum single/double/suite
{guest} booked a {room} room at {hotel} in {city} for {nights} nights from {check_in}.
Reservation: {guest}, {hotel}, {nights} nights, arriving {check_in}.
{guests} people, {nights} nights in {city}, name {guest}.
{hotel}, {city}: a {room} room for {guest}, {guests} guests.
# table_reservation : name guest reserved_by : first ; people guests persons party_size : int 2 12 ; date day : day ; time at hour : time ; restaurant place : title
A table for {people} at {restaurant}, {date} at {time}, for {name}.
{name} reserves {people} seats at {restaurant} {date}.
Table for {people}, {date}, {time}, name {name}.
# review : product item : thing ; stars rating score : int 1 5 ; author reviewer user : first ; date written : iso ; verified : bool verified purchase/not verified ; title headline : phrase
{author} gave the {product} {stars} stars on {date} ({verified}).
{stars}/5 for the {product} by {author}: "{title}"
"{title}" - {author}, {date}, {stars} stars, {verified}
# book : title book name : title ; author writer written_by : person ; year published : int 1800 2025 ; pages page_count : int 60 900 ; publisher : company ; price : num 5 60
{title} by {author} ({year}, {pages} pages).
{author} wrote {title}, published by {publisher} in {year}.
{author}: {title}. {publisher}, {year}.
{title}, {pages} pages, {price} euros, is by {author}.
# weather : city place location : city ; temperature temp degrees : int -20 40 ; condition sky weather : enum sunny/cloudy/rainy/windy/foggy ; humidity : int 10 100 ; wind wind_speed : int 0 90 ; date day : date
{city}: {temperature} degrees and {condition}, humidity {humidity} percent.
On {date} it was {condition} in {city} with {temperature} degrees.
It is {temperature} degrees in {city}, wind {wind} km/h.
{city}, {date}: {condition}, {temperature}
# match : home home_team : city ; away away_team guest : city ; home_goals home_score : int 0 6 ; away_goals away_score : int 0 6 ; date day : date ; scorer best_player : person ; spectators attendance : int 200 60000
{home} against {away} ended {home_goals} to {away_goals}.
{home} - {away} {home_goals}:{away_goals}, {spectators} spectators
On {date} {home} played {away} before {spectators} people. {scorer} scored.
{scorer} was the best player of {home}.
# lesson : course subject class : phrase ; teacher lecturer taught_by : person ; room : id ; day weekday : day ; time start : time ; students seats : int 5 200
{course} with {teacher}, {day} {time}, room {room}.
{teacher} teaches {course} in {room} for {students} students.
{course}: {day} at {time} in {room}
# sensor : sensor id device sensor_id : id ; value reading measurement : num 0 100 ; unit : enum C/F/bar/V/A ; time timestamp : time ; room location place : noun ; battery : int 1 100
Sensor {sensor} in the {room} reads {value} {unit} at {time}.
{sensor}: {value} {unit} (battery {battery} %)
{time} {sensor} {value} {unit}
# software : name package project : pseudo ; version release : id ; license : enum MIT/Apache-2.0/GPL-3.0/BSD ; author maintainer : person ; stars : int 1 90000 ; language : enum Python/Rust/Go/Java/C++ ; url homepage : url
{name} {version} is written in {language} by {author} ({license}).
{author} released {name} {version}. See {url}.
{name} ({language}, {license}) has {stars} stars.
# task : task title todo : message ; assignee owner responsible who : first ; due due_date deadline : date ; priority : enum low/medium/high ; done finished completed : bool done/not done yet
{assignee} has to finish this by {due}: {task}. Priority {priority}.
{task} ({assignee}, {priority}, {done})
{priority} priority for {assignee} until {due}: {task}
[{done}] {task} - {assignee}
"""
