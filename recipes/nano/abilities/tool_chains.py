"""Requests that take two calls, as people put them: what the second one needs is in the result of the first, and the
request does not name it. For training alone."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from recipes.nano.abilities import values
from recipes.nano.abilities.tool_drawing import Call, Style, Tool, call, rendered, tool
from recipes.nano.abilities.tool_specs import Parameter, Template, ToolSpec, parameter_of, results_of, template_of

# Of each: the first tool and what it returns, in the format of ``tool_domains``; the second, with ``< field`` behind the
# parameter that takes a field of the first one's result; requests for both; what the second returns.
_TEXT = """
# message
find look_up search / contact person address_book : Look up a contact by name | Find a person in the address book
name person who : first
= name first ; email email
send write / message mail_text note : Send a message to an email address | Write to an address
email address recipient < email : email ; text body content : message
> Send {name} a message saying "{text}". | Write to {name}: {text} | Tell {name} "{text}". | Please let {name} know: "{text}" | Message {name}, "{text}"
= status enum sent/queued
# call
find get look_up / phone_number contact_number : Get somebody's phone number | Look up a phone number
person name of : person
= phone phone
call dial ring / number : Call a phone number | Dial a number
number phone < phone : phone
> Call {person}. | Please ring {person} up. | I want to talk to {person}. | Get {person} on the phone.
= status enum ringing/busy/answered
# connection
search find / connections train_connections : Find trains between two cities | Search for connections
origin from start : city ; destination to goal : city
= connection_id id ; departs time
reserve buy take / seat place : Reserve a seat on a connection | Take a place on a train by the id of the connection
connection_id connection id < connection_id : id
> Find a train from {origin} to {destination} and reserve a seat. | I need a seat from {origin} to {destination}. | Book me on a train, {origin} to {destination}. | Get me from {origin} to {destination} by train, with a seat.
= seat int 1 90 ; price num 5 150
# here
get find / location position : Get the city where the user is | Find out where the user is now
= city city
check get / local_weather forecast conditions : Get the weather of a city | Weather in a city
city place location < city : city
> What is the weather like here? | What's the weather where I am? | Do I need an umbrella here? | Is it cold where I am right now? | How is the weather outside?
= temperature int -20 40 ; sky enum clear/rain/snow/fog
# cancel_order
find get search / latest_order order : Get the latest order of a customer | Find a customer's order
customer name client : person
= order_id id ; product thing
cancel withdraw stop / order purchase : Cancel an order by its id | Withdraw an order
order_id order id < order_id : id
> Cancel the order of {customer}. | {customer} does not want the order any more, cancel it. | Look up {customer}'s latest order and cancel it. | Please find and cancel what {customer} ordered.
= status enum cancelled/already shipped ; refund num 2 200
# delete_file
search find locate / files documents : Search for a file by words | Find a document
query words text : phrase
= path file ; size int 1 900
delete remove erase / file document : Delete a file | Remove a file for good
path file location < path : file
> Find the file about {query} and delete it. | Delete the document on {query}. | Search for {query} and remove the file. | I do not need the file about {query} any more.
= status enum deleted/locked
# open_file
search find look_for / notes pages : Search the notes | Find a note by its words
query words about : phrase
= note_id id ; title title
open read show / note page : Open a note by its id | Read a note
note_id note id < note_id : id
> Open the note about {query}. | What did I write about {query}? | Find my note on {query} and read it to me. | Show me what my notes say about {query}.
= text message
# play
search find / songs music tracks : Search for a song | Find music
title name query : title
= track_id id ; artist person
play start put_on / track music_track : Play a track by its id | Start a track
track_id track id < track_id : id
> Play {title}. | Put on {title}, please. | Find {title} and play it. | I want to hear {title}.
= status enum playing/paused ; seconds int 60 400
# appointment
find search look_up / patient patient_record : Look up a patient by name | Find a patient
name patient full_name : person
= patient_id id ; age int 1 99
book make schedule / visit checkup consultation : Make an appointment for a patient | Schedule a visit
patient_id patient id < patient_id : id ; day date on : date
> Make an appointment for {name} on {day}. | {name} wants to come on {day}. | Book a visit for {name}, {day}. | Give {name} an appointment on {day}.
= time time ; doctor person
# invoice
find look_up get / customer_account client : Find a customer by name | Look up a client
name client customer : company
= client_id id ; country country
create write issue / bill client_invoice : Write an invoice for a customer | Create a bill
client_id customer_id id < client_id : id ; amount total sum : num 10 4000
> Bill {name} {amount} euros. | Write an invoice over {amount} for {name}. | {name} owes us {amount}, send a bill. | Make an invoice of {amount} to {name}.
= invoice id ; due date
# cart
search find look_for / products articles : Search the shop | Find an article in the shop
query name what : thing
= product_id id ; price num 1 90
add put / basket cart : Put an article into the basket | Add a product by its id to the cart
product_id article id < product_id : id ; quantity count amount : int 1 20
> Put {quantity} {query} into my basket. | Add {quantity} {query} to the cart. | I want {quantity} {query}. | Find {query} and put {quantity} of them in the cart.
= items int 1 30 ; total num 2 900
# close_bug
search find / bugs bug_reports : Search the bug reports | Find a bug by its words
query text words : phrase
= bug int 10 9999 ; author first
close resolve / bug bug_report : Close a bug by its number | Resolve a bug report
bug number bug_number < bug : int 10 9999
> Close the bug about {query}. | Find the bug report on {query} and close it. | The bug with {query} is fixed, close it. | {query} is solved, please close its bug report.
= status enum closed/locked
# switch
find get list / device gadget : Find a device by its name | Get a device of the house
name device what : noun
= device_id id ; room noun
switch turn / device_off device_power : Switch a device off by its id | Turn a device off
device_id device id < device_id : id
> Switch the {name} off. | Turn off the {name}, please. | The {name} can go off now. | Find the {name} and switch it off.
= status enum off/unreachable
# enrol
search find / courses classes : Search the courses of the school | Find a course by subject
subject topic query : phrase
= course_id id ; seats int 0 40
enrol sign_up register / student pupil : Enrol a student in a course | Sign somebody up for a course
course_id course id < course_id : id ; student name who : person
> Sign {student} up for the course on {subject}. | {student} wants to learn {subject}, enrol them. | Put {student} into the {subject} class. | Find a course on {subject} and register {student}.
= status enum enrolled/waiting list
# share
search find locate / report reports : Find a report by title | Search the reports
title name query : title
= report_id id ; pages int 1 300
share send / report report_access : Share a report with somebody | Send a report to an email address
report_id report id < report_id : id ; email address with : email
> Share {title} with {email}. | Send the report {title} to {email}. | {email} should get {title}. | Find {title} and share it with {email}.
= link url
# move_meeting
find search get / meeting calendar_event : Find a meeting by its title | Look up a meeting
title name subject : event
= event_id id ; date date
move shift reschedule / meeting calendar_event : Move a meeting to another time | Give a meeting another time
event_id meeting id < event_id : id ; time to new_time : time
> Move the {title} to {time}. | The {title} should be at {time}. | Shift my {title} to {time}, please. | Can the {title} start at {time}?
= status enum moved/conflict
# free_room
find get search / free_room empty_room : Find a room that is free | Get a free room for some people
people seats persons : int 2 40 ; day date on : day
= room id ; floor int 0 12
book reserve take / room meeting_room : Book a room | Reserve a meeting room
room name which < room : id ; title purpose for : event
> I need a room for {people} people {day}, for the {title}. | Find a room for {people} {day} and book it for the {title}. | Book any free room {day}, {people} seats: {title} | {people} of us have the {title} {day}, get us a room.
= status enum booked/taken
# reset
find get look_up / user account member : Find a user by email address | Get a user's account
email mail address : email
= user_id int 1 99999 ; active bool active/locked
reset renew / user_password access_code : Reset the password of a user | Give a user a new password
user_id user id < user_id : int 1 99999
> Reset the password of {email}. | {email} cannot log in, reset the password. | Give {email} a new password. | The user {email} has forgotten the password.
= status enum mail sent/locked
# restart
find get look_up / machine host server_by_name : Find a server by its name | Look up a machine
name host server : pseudo
= server_id id ; status enum up/down
restart reboot / machine host server : Restart a server by its id | Reboot a machine
server_id machine id < server_id : id
> Restart {name}. | {name} hangs, reboot it. | Please reboot the machine {name}. | Find {name} and restart it.
= status enum restarting/refused
# watch_list
search find / movies films : Search for a film | Find a movie by title
title name query : title
= movie_id id ; year int 1930 2025
add put save / watch_list movie_list : Put a film on the watch list | Add a movie by its id to the list
movie_id film id < movie_id : id
> Put {title} on my watch list. | I want to see {title} some day, save it. | Remember the film {title} for me. | Add {title} to the list of films to watch.
= films int 1 90
# delete_alarm
list get find / alarms wake_up_calls : Get the alarm of a day | Find the alarm that is set for a day
day date on : day
= alarm_id id ; time time
delete remove drop / alarm wake_up_call : Delete an alarm by its id | Remove an alarm
alarm_id alarm id < alarm_id : id
> Delete my alarm for {day}. | No alarm {day}, please. | I can sleep long {day}, remove the alarm. | Take out the alarm of {day}.
= left int 0 9
# capital
get find look_up / capital capital_city : Get the capital of a country | Which city is a country's capital
country land of : country
= capital city ; inhabitants int 9000 9000000
get check look_up / city_time clock : Get the time in a city | What time it is in a city
city place where < capital : city
> What time is it in the capital of {country}? | How late is it in {country}'s capital? | Tell me the time in the capital of {country}. | The clock in the capital of {country} shows what?
= time time
# birthday
get find look_up / birthday birth_date : Get somebody's birthday | Look up a date of birth
name person of : first
= birthday iso
set create add / reminder date_reminder : Set a reminder for a date | Remind the user on a date
date day when < birthday : iso ; text note about : message
> Remind me on {name}'s birthday: {text} | On the birthday of {name}, remind me "{text}". | Set a reminder for {name}'s birthday: {text}
= reminder id
# translate_send
translate convert / sentence wording : Translate a text | Put a text into another language
sentence original wording : message ; language to target : enum French/German/Spanish/Italian
= translation phrase
post publish / channel_message chat_text : Post a text in a channel | Write a text to a chat channel
text content message < translation : phrase ; channel where room : noun
> Translate "{sentence}" into {language} and post it in {channel}. | Post "{sentence}" in {language} to the channel {channel}. | "{sentence}" in {language}, please, for everybody in {channel}.
= status enum posted/failed
# owner
get find look_up / vehicle_owner car_owner : Find whose car it is by the plate | Owner of a vehicle
plate number_plate car : id
= owner person
notify warn tell / resident neighbor : Notify a resident | Send a note to somebody in the house
name resident who < owner : person ; text message note : message
> Tell the owner of {plate}: {text} | The car {plate} is in the way. Let its owner know: "{text}" | Whoever owns {plate} should be told "{text}".
= status enum delivered/no answer
# price_alert
get check look_up / product_price article_price : Get the price of a product | What an article costs
product article what : thing
= price num 1 300
set create / price_alarm price_watch : Watch for a price below a limit | Set a price alarm
product article what : thing ; limit below price < price : num 1 300
> Tell me when {product} get cheaper than they are now. | Watch the price of {product}, anything below today's. | Set an alarm for {product} below the current price.
= status enum watching/off
# nearest
find search get / nearest_shop closest_store : Find the nearest shop of a kind | Get the closest store
kind type what : noun
= shop company ; metres int 20 9000
start begin plan / route navigation : Start the navigation to a place | Plan a route
destination to place < shop : company
> Take me to the nearest {kind} shop. | Navigate to the closest {kind} store. | Where is the next {kind} shop? Start the route. | Bring me to a {kind} shop nearby.
= minutes int 1 90
# recipe
search find get / recipes dishes : Search for a recipe | Find a recipe by the dish
dish name query : phrase
= recipe_id id ; minutes int 5 120
add put write / ingredients recipe_items : Put the ingredients of a recipe on the shopping list | Write what a recipe needs on the list
recipe_id recipe id < recipe_id : id
> Put everything for {dish} on the shopping list. | I want to cook {dish}, write down what I need. | Add the ingredients of {dish} to my list. | Shopping list for {dish}, please.
= items int 2 20
# parcel
find get track / parcel shipment : Find a parcel by its recipient | Get the shipment of somebody
recipient name for : person
= parcel_id id ; city city
redirect send_on forward / parcel shipment : Send a parcel to another address | Redirect a shipment
parcel_id parcel id < parcel_id : id ; address to street : address
> Send {recipient}'s parcel to {address}. | {recipient} has moved, redirect the parcel to {address}. | The parcel for {recipient} must go to {address}. | Forward what comes for {recipient} to {address}.
= status enum redirected/too late
# leave
get find look_up / employee staff_member : Find an employee by name | Get a staff member
name employee who : person
= employee_id int 100 9999 ; team noun
get check show / vacation_days days_off : Days off that an employee has left | Check the vacation of an employee
employee_id employee id < employee_id : int 100 9999
> How many days off does {name} have left? | Vacation of {name}? | Can {name} still take holidays this year? | Check how much leave {name} has.
= days_left int 0 30
"""


@dataclass(frozen=True)
class Chain:
    """``field`` of the first tool's result is the value of ``slot`` of the second."""

    first: ToolSpec
    second: ToolSpec
    field: str
    slot: str
    templates: tuple[Template, ...]


def _parsed() -> list[Chain]:
    return [_chain(block.strip().splitlines()) for block in _TEXT.strip().removeprefix("# ").split("\n# ")]


def _chain(lines: list[str]) -> Chain:
    name, *lines = lines
    told = next(at for at, line in enumerate(lines) if line.startswith("= "))
    first = _spec(name, lines[0], lines[1] if told > 1 else "", lines[told])
    head, taken, requests, returned = lines[told + 1 :]
    second = _spec(name, head, taken, returned)
    taker = next(part for part in taken.split(" ; ") if " < " in part)
    field = taker.partition(" < ")[2].split()[0]
    templates = tuple(template_of(part) for part in requests.removeprefix("> ").split(" | "))
    return Chain(first, second, field, taker.split()[0], templates)


def _spec(domain: str, head: str, taken: str, returned: str) -> ToolSpec:
    what, descriptions = head.split(" : ")
    verbs, nouns = what.split(" / ")
    parameters: list[Parameter] = []
    for part in taken.split(" ; ") if taken else ():
        names, kind = part.split(" : ")
        parameters.append(parameter_of(f"{names.partition(' < ')[0]} : {kind}"))
    return ToolSpec(
        domain,
        tuple(verbs.split()),
        tuple(nouns.split()),
        tuple(part.strip() for part in descriptions.split("|")),
        tuple(parameters),
        (),
        results_of(returned),
    )


CHAINS = _parsed()


@dataclass(frozen=True)
class Asked:
    """A request, the first call, what it returns, and the second call."""

    text: str
    first: Call
    returned: dict[str, Any]
    second: Call


def tools_of(rng: random.Random, chain: Chain, look: Style) -> tuple[Tool, Tool]:
    """Both as a client offers them."""
    return tool(rng, "train", chain.first, look), tool(rng, "train", chain.second, look)


def asked(rng: random.Random, chain: Chain, first: Tool, second: Tool) -> Asked:
    """With new values."""
    returned = {name: values.draw(kind, rng, "train") for name, kind in chain.first.results}
    drawn = {
        one.slot: values.draw(one.kind, rng, "train") for one in (*chain.second.parameters, *chain.first.parameters)
    }
    text, _ = rendered(rng, rng.choice(chain.templates), drawn)
    drawn[chain.slot] = returned[chain.field]
    said = {name: value.value for name, value in returned.items()}
    calls = (call(made, {one.slot: drawn[one.slot] for one in made.spec.parameters}) for made in (first, second))
    return Asked(text, next(calls), said, next(calls))
